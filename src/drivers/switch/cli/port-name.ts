import { FerruleError } from '../../../domain/errors.ts'
import type { PortNames } from './profile.ts'

/**
 * "Eth1/1", "ethernet 1/1" and "1/1" are all "Ethernet1/1", where a family says so.
 * @throws invalid-input if the name cannot be a port of this family
 */
export function canonicalPort(names: PortNames, product: string, name: string): string {
  // A type ends in a letter, so that what follows a dash or a colon stays with the number: "tengigabitethernet:1/1".
  // Some begin with their speed: "10GE1/0/1".
  const match = /^(?:(\d*[a-z](?:[a-z-]*[a-z])?)[\s:]*)?(-?\d[\d/:]*)$/i.exec(name.trim())
  const prefix = match?.[1]?.toLowerCase() ?? names.defaultType?.toLowerCase()
  const position = match?.[2]
  const type = names.types.find(({ prefixes }) => prefix !== undefined && prefixes.includes(prefix))
  if (type && position !== undefined && type.position.test(position)) return `${type.name}${position}`
  throw new FerruleError('invalid-input', `"${name}" is not a port name of ${product}`, names.example, {
    port: name,
  })
}

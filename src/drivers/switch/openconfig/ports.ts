import { FerruleError } from '../../../domain/errors.ts'

/**
 * Ports have the names that the device's own interface list gives them, in their case. No quotes, brackets or blanks:
 * the name is a key in XML filters, in URLs and in paths.
 * @throws invalid-input
 */
export function canonicalPort(name: string): string {
  const port = name.trim()
  if (/^[A-Za-z][A-Za-z0-9_./:-]{0,63}$/.test(port)) return port
  throw new FerruleError(
    'invalid-input',
    `"${name}" is not an interface name of an OpenConfig switch`,
    'Write the name as the switch lists it, in its case: Ethernet1, Ethernet1/1, Eth1/1/1, xe-0/0/1.',
    { port: name },
  )
}

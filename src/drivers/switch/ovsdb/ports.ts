import { FerruleError } from '../../../domain/errors.ts'

/**
 * Ports have the names of their network interfaces, in their case. Linux takes up to 15 characters without blanks and
 * slashes; the comma and brackets would mean something to ovs-vsctl.
 * @throws invalid-input
 */
export function canonicalPort(name: string): string {
  const port = name.trim()
  if (/^[\w.:@+-]{1,15}$/.test(port)) return port
  throw new FerruleError(
    'invalid-input',
    `"${name}" is not a port name of an Open vSwitch`,
    'Write the name that `ovs-vsctl list-ports BRIDGE` shows, in its case: swp1, eth0.',
    { port: name },
  )
}

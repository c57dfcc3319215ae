import { FerruleError } from '../../../domain/errors.ts'

export interface PortNaming {
  /** For the message: "an Arista switch". */
  family: string
  ethernet: string
  portChannel: string
  example: string
}

/**
 * "1/3", "Et1/3", "eth 1/3" and "Ethernet1/3" are one port; "Po10", "port-channel 10" is a port-channel.
 * @throws invalid-input
 */
export function switchportName(name: string, naming: PortNaming): string {
  const match = /^(?:(et|eth|ethernet|po|port-channel)[\s:]*)?(\d{1,4}(?:\/\d{1,3}){0,2})$/i.exec(name.trim())
  const number = match?.[2]?.split('/').map(Number).join('/')
  const channel = match?.[1]?.toLowerCase().startsWith('po') ?? false
  if (number !== undefined && !(channel && number.includes('/'))) {
    return `${channel ? naming.portChannel : naming.ethernet}${number}`
  }
  throw new FerruleError(
    'invalid-input',
    `"${name}" is not a port name of ${naming.family}`,
    `Write the name that the switch shows: ${naming.example}.`,
    { port: name },
  )
}

import { FerruleError } from '../../domain/errors.ts'
import { parseRedfishAddress } from './redfish/address.ts'
import type { OpenConsoleAt } from './redfish/options.ts'
import type { BmcDriver, BmcEndpoint } from './types.ts'

/** The serial console of a BMC that is driven over Redfish, by the protocol that it told: same address, same login. */
export function consoleAt({ ipmi }: { ipmi: BmcDriver }): OpenConsoleAt {
  return async (endpoint, place, options) => {
    const { host } = parseRedfishAddress(endpoint.address)
    const console = ipmi.open(at(endpoint, host, place.port)).console
    if (!console) throw noConsole(endpoint.address)
    return console.openConsole(options)
  }
}

function at(endpoint: BmcEndpoint, host: string, port: number): BmcEndpoint {
  return { ...endpoint, address: host.includes(':') ? `[${host}]:${port}` : `${host}:${port}` }
}

function noConsole(address: string): FerruleError {
  return new FerruleError(
    'bmc-unsupported',
    `BMC ${address} has no serial console.`,
    'Use the screen in the room.',
    { address },
  )
}

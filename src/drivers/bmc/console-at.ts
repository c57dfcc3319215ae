import { parseRedfishAddress } from './redfish/address.ts'
import type { OpenConsoleAt } from './redfish/options.ts'
import type { SshConsoles } from './ssh/consoles.ts'
import type { BmcDriver, ConsoleAccess } from './types.ts'

export interface ConsoleWays {
  ipmi: BmcDriver
  ssh: SshConsoles
}

/** The serial console of a BMC that is driven over Redfish, by the protocol that it told: same address, same login. */
export function consoleAt({ ipmi, ssh }: ConsoleWays): OpenConsoleAt {
  return async (endpoint, place, options) => {
    const { host } = parseRedfishAddress(endpoint.address)
    const { port } = place
    const key = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
    if (place.protocol === 'ipmi') {
      // A driver of IPMI always has one.
      const { openConsole } = ipmi.open({ ...endpoint, address: key }).console as ConsoleAccess
      return openConsole(options)
    }
    const { username, password, sshFingerprint: fingerprint } = endpoint
    const { entryCommand, besideCommandLine } = place
    const name = endpoint.host?.name
    return ssh.open(
      { host, port, key, username, password, fingerprint, name, entryCommand, besideCommandLine },
      options,
    )
  }
}

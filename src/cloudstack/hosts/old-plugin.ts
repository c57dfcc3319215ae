import { isIP } from 'node:net'
import { isOldPlugins, type WireHost } from './details.ts'

/**
 * What the old plugin keeps of a host (its BareMetalDiscoverer), in the words of our own details. The BMC's address is the
 * host's own. CloudStack shows nobody the user and password: the user is configured here, and the password is in the file that
 * has the address for a name. The old plugin knows IPMI alone.
 *
 * @param username of the BMCs of all such hosts
 */
export function inOurDetails(wire: WireHost, username: string): WireHost {
  if (!isOldPlugins(wire)) return wire
  const { hostmac, cpunumber, cpuspeed, memory } = wire.details ?? {}
  return {
    ...wire,
    name: nameOf(wire),
    details: {
      ...{ mac: hostmac, cpu: cpunumber, cpu_speed: cpuspeed, memory },
      ...{ bmc_address: wire.ipaddress, bmc_password: wire.ipaddress },
      ...{ bmc_username: username, bmc_protocol: 'ipmi' },
    },
  }
}

/** CloudStack may call such a host by its address, and MAAS takes no name that is one. */
function nameOf({ name }: WireHost): string {
  return isIP(name) === 0 ? name : `bmc-${name.replaceAll(/[.:]/g, '-')}`
}

import { BlockList, isIP } from 'node:net'
import { FerruleError } from '../../domain/errors.ts'

/**
 * A password goes to no address but one in the networks that the operator named: whoever may edit hosts in CloudStack
 * chooses the address, and could choose their own. Names are none, because others say where they lead.
 *
 * @param address as a BMC's is written, with a port or without; null: nobody sends anything
 * @param networks in CIDR notation; empty: no address will do
 * @returns null: it may be spoken to
 */
export function foreignBmc(
  address: string | null,
  host: string,
  networks: readonly string[],
): FerruleError | null {
  if (address === null || contains(networks, hostOf(address))) return null
  const [message, remedy] =
    networks.length === 0
      ? [
          `no network is named in which BMCs of CloudStack's hosts may be, so that nothing is sent to that of host ${host}`,
          'Set cloudstack.hosts.bmcNetworks to the networks of the BMCs, such as 10.0.0.0/16.',
        ]
      : [
          `detail bmc_address of host ${host} in CloudStack is no IP address in the networks of cloudstack.hosts.bmcNetworks`,
          'Correct it: an address and not a name, in one of these networks. If it is right, add its network there.',
        ]
  return new FerruleError('forbidden', message, remedy, { host })
}

function contains(networks: readonly string[], address: string): boolean {
  const kind = isIP(address)
  if (kind === 0) return false
  const list = new BlockList()
  for (const network of networks) {
    const [base = '', bits] = network.split('/')
    list.addSubnet(base, Number(bits), isIP(base) === 6 ? 'ipv6' : 'ipv4')
  }
  return list.check(address, kind === 6 ? 'ipv6' : 'ipv4')
}

/** Without its port. */
function hostOf(address: string): string {
  const bracketed = /^\[([^\]]*)\](:\d+)?$/.exec(address)?.[1]
  return bracketed ?? /^([^:]*):\d+$/.exec(address)?.[1] ?? address
}

import { FerruleError } from '../domain/errors.ts'
import type { Host } from '../domain/host.ts'
import { slaacAddress } from '../domain/ip6.ts'
import type { MacPolicy } from '../domain/mac-policy.ts'
import { macPolicies } from '../domain/mac-policy.ts'
import type { Call } from './call.ts'
import type { CloudstackVm } from './payload.ts'

/** The VM's own detail, else its host's, else the settings. */
export function macPolicyOf({ services, vm }: Pick<Call, 'services' | 'vm'>): MacPolicy {
  const { macPolicy } = vm
  if (macPolicy === null) return services.settings.macPolicy
  const known = macPolicies.find((one) => one === macPolicy)
  if (known) return known
  throw new FerruleError(
    'invalid-input',
    `MAC policy "${macPolicy}" is unknown`,
    'Use cloudstack or host in the detail External:mac_policy.',
    { macPolicy },
  )
}

export function defaultMac(vm: CloudstackVm): string | undefined {
  return vm.nics.find((nic) => nic.isDefault)?.mac
}

/**
 * The part of prepare's patch that makes the default NIC's MAC the host's own. CloudStack merges lists by their elements'
 * `uuid`, which is the network's, and only if all have one: so every NIC is named, and no network twice. Its IPv6 address
 * follows from the MAC, in the server as in CloudStack's records, which are not computed again.
 * @throws check-failed if two NICs are in one network
 */
export function macPatch(vm: CloudstackVm, host: Pick<Host, 'bootMac'>): { nics: object[] } {
  if (new Set(vm.nics.map((nic) => nic.networkId)).size < vm.nics.length)
    throw new FerruleError(
      'check-failed',
      `two NICs of ${vm.name} are in one network, so that CloudStack cannot be told the host's own MAC`,
      'Give each NIC a network of its own, or use MAC policy cloudstack.',
    )
  return {
    nics: vm.nics.map(({ id, networkId, mac, isDefault, ip6 }) => ({
      uuid: networkId,
      nicUuid: id,
      mac: isDefault ? host.bootMac : mac,
      ...(isDefault && ip6 !== null ? addressFor(ip6.cidr, host.bootMac) : {}),
    })),
  }
}

function addressFor(cidr: string, mac: string): { ip6address?: string } {
  const ip6address = slaacAddress(cidr, mac)
  return ip6address === null ? {} : { ip6address }
}

/** CloudStack keeps what prepare gave back, or it does not: then its virtual router would answer another MAC. */
export function refuseOtherMac(
  call: Pick<Call, 'services' | 'vm'>,
  host: Pick<Host, 'name' | 'bootMac'>,
): void {
  const { vm } = call
  if (macPolicyOf(call) !== 'host' || defaultMac(vm) === host.bootMac) return
  throw new FerruleError(
    'check-failed',
    `CloudStack did not take over the MAC of ${host.name}: the default NIC of ${vm.name} has ${defaultMac(vm)} instead of ${host.bootMac}`,
    'Deploy again; if this repeats, use MAC policy cloudstack.',
    { mac: defaultMac(vm), host: host.name },
  )
}

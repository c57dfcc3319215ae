import { FerruleError } from '../domain/errors.ts'
import type { InstanceNic } from '../domain/instance.ts'
import { localMac, normaliseMac } from '../domain/mac.ts'
import { findNetwork } from './catalogue.ts'
import type { Services } from './context.ts'

export interface NicRequest {
  /** Name or id of the network. */
  network: string
  /** The MAC that CloudStack allocated; without one, Ferrule makes a local one. */
  mac?: string | undefined
  id?: string | undefined
  isDefault?: boolean | undefined
}

/** From what a person or CloudStack asks for to NICs with MAC and VLAN. The first one is the default unless another says so. */
export async function resolveNics(
  services: Services,
  requests: readonly NicRequest[],
): Promise<InstanceNic[]> {
  const explicit = requests.some((one) => one.isDefault === true)
  const nics: InstanceNic[] = []
  for (const [index, request] of requests.entries()) {
    const network = await findNetwork(services, request.network)
    if (network.vlan === null) {
      throw new FerruleError(
        'check-failed',
        `network ${network.name} has no VLAN yet`,
        'Give the network a VLAN; CloudStack brings one with create and start.',
        { network: network.name },
      )
    }
    nics.push({
      id: request.id ?? services.tools.newId(),
      networkId: network.id,
      mac: request.mac ? normaliseMac(request.mac) : localMac(services.random),
      vlan: network.vlan,
      isDefault: request.isDefault ?? (!explicit && index === 0),
    })
  }
  return nics
}

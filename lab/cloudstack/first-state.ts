import type { CloudState } from './state.ts'

const TIER = { guestType: 'Isolated', specifyVlan: false, forVpc: true } as const

/** A zone with an advanced network and nothing in it: clusters, hosts, templates are the operator's to add. */
export function firstState(newId: () => string, vlans: { from: number; to: number }): CloudState {
  const named = (name: string) => ({ id: newId(), name })
  return {
    ids: 0,
    numbers: { network: 204, vm: 3, event: 1 },
    zone: named('lab'),
    pod: named('pod1'),
    physicalNetwork: { ...named('guest'), vlans },
    domain: named('ROOT'),
    account: named('admin'),
    user: named('admin'),
    role: named('Root Admin'),
    networkOfferings: [
      {
        ...named('DefaultIsolatedNetworkOfferingWithSourceNatService'),
        guestType: 'Isolated',
        specifyVlan: false,
      },
      { ...named('DefaultSharedNetworkOffering'), guestType: 'Shared', specifyVlan: true },
      { ...named('DefaultL2NetworkOffering'), guestType: 'L2', specifyVlan: false },
      { ...named('DefaultL2NetworkOfferingVlan'), guestType: 'L2', specifyVlan: true },
      { ...named('DefaultIsolatedNetworkOfferingForVpcNetworks'), ...TIER },
      { ...named('DefaultIsolatedNetworkOfferingForVpcNetworksNoLB'), ...TIER },
    ],
    vpcOfferings: [named('Default VPC offering')],
    clusters: [],
    hosts: [],
    extensions: [],
    customActions: [],
    templates: [],
    serviceOfferings: [],
    keyPairs: [],
    networks: [],
    vms: [],
    jobs: [],
    events: [],
    webhooks: [],
    deliveries: [],
    rcts: [],
  }
}

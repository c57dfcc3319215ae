import type { SitePlan } from './site.ts'

/** The rack configuration in the shape of CLOUDSTACK-9913: one entry per switch, with the NICs that it carries. */
export interface RackFile {
  racks: {
    l2Switch: { ip: string; username: string; password: string; type: 'Force10' }
    hosts: { mac: string; port: string }[]
  }[]
}

export function rackFile({ switches, machines }: SitePlan): RackFile {
  const nics = machines.flatMap((machine) => machine.nics)
  return {
    racks: switches.map(({ address, username, password }) => ({
      l2Switch: { ip: address, username, password, type: 'Force10' },
      hosts: nics
        .filter(({ cable }) => cable.switch === address)
        .map(({ mac, cable }) => ({ mac, port: cable.port })),
    })),
  }
}

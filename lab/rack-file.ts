import type { SitePlan, SwitchPlan } from './site.ts'
import { otherMakes } from './tor/makes.ts'

/** The rack configuration in the shape of CLOUDSTACK-9913: one entry per switch, with the NICs that it carries. */
export interface RackFile {
  racks: {
    l2Switch: { ip: string; username: string; password: string; type: string; fingerprint?: string }
    hosts: { mac: string; port: string }[]
  }[]
}

export function rackFile({ switches, machines }: SitePlan): RackFile {
  const nics = machines.flatMap((machine) => machine.nics)
  return {
    racks: switches.map((one) => ({
      l2Switch: l2Switch(one),
      hosts: nics
        .filter(({ cable }) => cable.switch === one.address)
        .map(({ mac, cable }) => ({ mac, port: cable.port })),
    })),
  }
}

function l2Switch({ make, address, port, username, password, fingerprint }: SwitchPlan) {
  if (make === 'force10') return { ip: address, username, password, type: 'Force10' }
  const { type, usualPort } = otherMakes[make]
  const ip = port === usualPort ? address : `${address}:${port}`
  return { ip, username, password, type, ...(fingerprint === null ? {} : { fingerprint }) }
}

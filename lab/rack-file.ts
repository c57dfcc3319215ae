import type { SitePlan, SwitchPlan } from './site.ts'
import { otherMakes } from './tor/makes.ts'

/** The rack configuration in the shape of CLOUDSTACK-9913: one entry per switch, with the NICs that it carries. */
export interface RackFile {
  racks: {
    l2Switch: {
      ip: string
      username: string
      password: string
      type: string
      fingerprint?: string
      unit?: number
    }
    hosts: { mac: string; port: string; unit?: number; units?: number }[]
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

/** Height units of one server. */
const UNITS = 2

/** The same with where each thing stands: servers from the floor of their rack, the switches above them. */
export function rackFileWithUnits(plan: SitePlan): RackFile {
  const { switches, machines } = plan
  const inRack = <One extends { rack: string }>(all: readonly One[], one: One) =>
    all.filter(({ rack }) => rack === one.rack).indexOf(one)
  const placeOf = new Map(
    machines.flatMap((machine) =>
      machine.nics.map(({ mac }) => [mac, 1 + UNITS * inRack(machines, machine)] as const),
    ),
  )
  const { racks } = rackFile(plan)
  return {
    racks: racks.map(({ l2Switch, hosts }, index) => {
      const one = switches[index]
      const servers = machines.filter(({ rack }) => rack === one?.rack).length
      return {
        l2Switch: { ...l2Switch, ...(one ? { unit: 1 + UNITS * servers + inRack(switches, one) } : {}) },
        hosts: hosts.map((host) => ({ ...host, unit: placeOf.get(host.mac) ?? 1, units: UNITS })),
      }
    }),
  }
}

function l2Switch({ make, address, port, username, password, fingerprint }: SwitchPlan) {
  if (make === 'force10') return { ip: address, username, password, type: 'Force10' }
  const { type, usualPort } = otherMakes[make]
  const ip = port === usualPort ? address : `${address}:${port}`
  return { ip, username, password, type, ...(fingerprint === null ? {} : { fingerprint }) }
}

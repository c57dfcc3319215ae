import { type AnnouncedMac, announcedMacs } from '../announced-macs.ts'
import { learnedMacs } from '../learned-macs.ts'
import type { SitePlan, SwitchPlan } from '../site.ts'
import { PXE_VLAN, QUARANTINE_VLAN } from '../site.ts'
import type { PortSetup } from '../switch/model.ts'
import type { LearnedMac } from '../switch/show.ts'
import { type DataPlane, mirrorToOvs, type OvsBridge } from '../tor/data-plane.ts'
import { startForce10 } from '../tor/force10.ts'
import type { LabSwitch } from '../tor/lab-switch.ts'
import { otherMakes } from '../tor/makes.ts'
import type { TorKind } from '../tor/tor-kind.ts'
import type { SwitchFabric, World } from '../world/types.ts'

/** An S4048-ON takes about so long from power to forwarding. */
const BOOT_MS = 90_000
const PORTS = 48

/**
 * All switches of the site, by name; all or none. `fabric` is asked for later: it is made of these switches. `saved`:
 * their states in an earlier run; they are only restored later, when all of the lab is there.
 */
export async function startSwitches(
  plan: SitePlan,
  world: World,
  fabric: () => SwitchFabric,
  saved: Readonly<Record<string, unknown>>,
): Promise<Map<string, LabSwitch>> {
  const running = new Map<string, LabSwitch>()
  try {
    for (const one of plan.switches) {
      const learned = () => learnedMacs(world.machines, fabric(), one.address)
      const announced = () => announcedMacs(world.machines, fabric(), one.address)
      const around = {
        plan,
        learned,
        announced,
        bootTime: () => world.clock.sleep(BOOT_MS),
        saved: saved[one.name],
      }
      const started = one.make === 'force10' ? force10(one, around) : other(one, otherMakes[one.make], around)
      running.set(one.name, await started)
    }
  } catch (error) {
    await Promise.all([...running.values()].map((server) => server.stop()))
    throw error
  }
  return running
}

/** Of those that have a bridge: from now on its ports are as theirs. @throws Error for a name that is none of them */
export async function startDataPlanes(
  switches: ReadonlyMap<string, LabSwitch>,
  bridges: Readonly<Record<string, OvsBridge>>,
): Promise<Map<string, DataPlane>> {
  const planes = new Map<string, DataPlane>()
  for (const [name, bridge] of Object.entries(bridges)) {
    const tor = switches.get(name)
    if (!tor) throw new Error(`there is no switch ${name} to mirror, but ${[...switches.keys()].join(', ')}`)
    planes.set(name, await mirrorToOvs(tor, bridge))
  }
  return planes
}

interface Around {
  plan: SitePlan
  learned: () => LearnedMac[]
  announced: () => AnnouncedMac[]
  bootTime: () => Promise<void>
  saved: unknown
}

function force10(one: SwitchPlan, { plan, learned, announced, bootTime }: Around): Promise<LabSwitch> {
  return startForce10({
    name: one.name,
    address: one.address,
    port: one.port,
    root: one.root,
    pxeVlan: PXE_VLAN,
    vlans: { [QUARANTINE_VLAN]: 'quarantine' },
    ports: portsOf(one, plan),
    users: [{ username: one.username, password: one.password, level: 15 }],
    sources: {
      learned,
      neighbors: () =>
        announced().map(({ port, mac }) => ({ port, systemName: '-', portId: mac, chassisId: mac })),
    },
    bootTime,
  })
}

function other(one: SwitchPlan, kind: TorKind, { plan, ...around }: Around): Promise<LabSwitch> {
  const cabled = cabledPorts(one, plan)
  const { name, address, port, username, password } = one
  const front = Array.from({ length: PORTS }, (_, index) => kind.portName(index + 1))
  return kind.start({
    ...{ name, address, port, username, password },
    hosts: front.filter((name) => cabled.has(name)),
    unused: front.filter((name) => !cabled.has(name)),
    uplinks: [PORTS + 1, PORTS + 2].map((number) => kind.portName(number)),
    pxeVlan: PXE_VLAN,
    vlans: [QUARANTINE_VLAN],
    ...around,
  })
}

function cabledPorts({ address }: SwitchPlan, { machines }: SitePlan): ReadonlySet<string> {
  const cables = machines.flatMap(({ nics }) => nics.map(({ cable }) => cable))
  return new Set(cables.filter((cable) => cable.switch === address).map(({ port }) => port))
}

function portsOf(one: SwitchPlan, plan: SitePlan): PortSetup[] {
  const cabled = cabledPorts(one, plan)
  const access = Array.from({ length: PORTS }, (_, index): PortSetup => {
    const name = `1/${index + 1}`
    return { name, use: cabled.has(name) ? 'host' : 'unused' }
  })
  const uplinks = [49, 50].map(
    (number): PortSetup => ({ name: `1/${number}`, type: 'fortyGigE', use: 'uplink' }),
  )
  return [...access, ...uplinks]
}

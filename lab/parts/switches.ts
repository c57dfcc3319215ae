import { learnedMacs } from '../learned-macs.ts'
import type { SitePlan, SwitchPlan } from '../site.ts'
import { PXE_VLAN, QUARANTINE_VLAN } from '../site.ts'
import type { PortSetup } from '../switch/model.ts'
import type { SwitchServer } from '../switch/server.ts'
import { startSwitch } from '../switch/server.ts'
import type { SwitchFabric, World } from '../world/types.ts'

/** An S4048-ON takes about so long from power to forwarding. */
const BOOT_MS = 90_000
const PORTS = 48

/** All switches of the site, by name; all or none. `fabric` is asked for later: it is made of these switches. */
export async function startSwitches(
  plan: SitePlan,
  world: World,
  fabric: () => SwitchFabric,
): Promise<Map<string, SwitchServer>> {
  const running = new Map<string, SwitchServer>()
  try {
    for (const one of plan.switches) running.set(one.name, await start(one, plan, world, fabric))
  } catch (error) {
    await Promise.all([...running.values()].map((server) => server.stop()))
    throw error
  }
  return running
}

function start(
  one: SwitchPlan,
  plan: SitePlan,
  world: World,
  fabric: () => SwitchFabric,
): Promise<SwitchServer> {
  return startSwitch({
    name: one.name,
    address: one.address,
    port: one.port,
    root: one.root,
    pxeVlan: PXE_VLAN,
    vlans: { [QUARANTINE_VLAN]: 'quarantine' },
    ports: portsOf(one, plan),
    users: [{ username: one.username, password: one.password, level: 15 }],
    sources: { learned: () => learnedMacs(world.machines, fabric(), one.address) },
    bootTime: () => world.clock.sleep(BOOT_MS),
  })
}

function portsOf({ address }: SwitchPlan, { machines }: SitePlan): PortSetup[] {
  const cabled = new Set(
    machines
      .flatMap(({ nics }) => nics.map(({ cable }) => cable).filter((cable) => cable.switch === address))
      .map(({ port }) => port),
  )
  const access = Array.from({ length: PORTS }, (_, index): PortSetup => {
    const name = `1/${index + 1}`
    return { name, use: cabled.has(name) ? 'host' : 'unused' }
  })
  const uplinks = [49, 50].map(
    (number): PortSetup => ({ name: `1/${number}`, type: 'fortyGigE', use: 'uplink' }),
  )
  return [...access, ...uplinks]
}

import { createHash } from 'node:crypto'
import { ipmi } from '../bmc/client.ts'
import type { Dials } from '../maas/dials.ts'
import type { LabMaas } from '../maas/maas.ts'
import { createMaas } from '../maas/maas.ts'
import { startMaas } from '../maas/start.ts'
import { statusName } from '../maas/status.ts'
import { redfish } from '../redfish/client.ts'
import type { SitePlan } from '../site.ts'
import { PXE_VLAN } from '../site.ts'
import type { BootServer, Machine, SwitchFabric, World } from '../world/types.ts'

/** How often the memory of MAAS is looked at for changes that a snapshot should hold. Real milliseconds. */
const LOOK_MS = 250
/** The rack that MAAS knew before the lab's story begins; the other one is to be enlisted. */
const KNOWN_RACK = 'r2'

/** MAAS as the rest of the lab uses it. */
export interface MaasPart {
  readonly url: string
  readonly apiKey: string
  readonly bootServer: BootServer
  readonly dials: Dials
  statusOf(machine: Machine): { systemId: string; status: string } | null
  /** Opens the API. Before that, MAAS has a memory and no door. */
  open(): Promise<void>
  onChange(listener: () => void): void
  snapshot(): unknown
  stop(): Promise<void>
}

interface MaasParts {
  plan: SitePlan
  world: World
  fabric: SwitchFabric
  /** A snapshot to go on from. */
  saved: unknown
}

export function createMaasPart({ plan, world, fabric, saved }: MaasParts): MaasPart {
  const apiKey = keyFor(plan)
  const maas = createMaas({
    world,
    fabric,
    powerDrivers: { ipmi, redfish },
    adminUser: 'admin',
    apiKey,
    pxeVlan: PXE_VLAN,
  })
  if (saved !== undefined) maas.restore(saved)
  else for (const { name, rack } of world.machines) if (rack === KNOWN_RACK) maas.preload(name, 'Ready')
  world.dhcpServers.set(PXE_VLAN, maas.dhcp)

  let looking: NodeJS.Timeout | undefined
  let stopServing = () => maas.stop()
  return {
    url: `http://${plan.maas.address}:${plan.maas.port}/MAAS`,
    apiKey,
    bootServer: maas.bootServer,
    dials: maas.dials,
    statusOf(machine) {
      const macs = machine.nics.map(({ mac }) => mac)
      const node = maas.region.state.nodes.find(({ interfaces }) =>
        interfaces.some(({ mac }) => macs.includes(mac)),
      )
      return node === undefined ? null : { systemId: node.systemId, status: statusName(node.status) }
    },
    async open() {
      const running = await startMaas(maas, { host: plan.maas.address, port: plan.maas.port })
      stopServing = () => running.stop()
    },
    onChange(listener) {
      clearInterval(looking)
      let seen = fingerprint(maas)
      looking = setInterval(() => {
        const now = fingerprint(maas)
        if (now !== seen) listener()
        seen = now
      }, LOOK_MS).unref()
    },
    snapshot: () => maas.snapshot(),
    stop() {
      clearInterval(looking)
      return stopServing()
    },
  }
}

/** The parts that only grow are told by their ids: those of events and results are in `lastIds`. */
function fingerprint({ region: { state } }: LabMaas): string {
  return JSON.stringify({ ...state, events: null, scriptSets: null })
}

/** consumer:token:secret with the lengths of MAAS's own. */
function keyFor({ site, seed }: SitePlan): string {
  const digest = createHash('sha512').update(`maas ${site} ${seed}`).digest('hex')
  return [digest.slice(0, 18), digest.slice(18, 36), digest.slice(36, 68)].join(':')
}

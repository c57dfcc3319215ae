import type { BootServer, DhcpServer } from '../world/types.ts'
import { createBootServer } from './boot-server.ts'
import { createDhcp } from './dhcp.ts'
import { createDials, type Dials } from './dials.ts'
import type { Node, State } from './model.ts'
import { refreshPower, startPowerMonitor } from './monitor.ts'
import { preload } from './nodes.ts'
import { Region, type RegionOptions } from './region.ts'
import { RELEASING } from './status.ts'
import { expire, RELEASING_TIMEOUT } from './timeouts.ts'

export interface MaasOptions extends Omit<RegionOptions, 'dials'> {
  /** consumer:token:secret, for `adminUser`. */
  apiKey: string
  /** The VLAN of the racks in which MAAS boots machines. */
  pxeVlan?: number
}

/** The lab's MAAS region and rack controller, without its HTTP door. */
export interface LabMaas {
  readonly region: Region
  readonly apiKey: string
  readonly bootServer: BootServer
  /** To be put into the world's `dhcpServers` under `bootServer.vlan`. */
  readonly dhcp: DhcpServer
  readonly dials: Dials
  /** Enlists a machine of the world without the API; Ready as if commissioned. Returns the system id. */
  preload(machineName: string, state: 'New' | 'Ready'): string
  /** The power monitor's round, now. */
  refreshPower(): Promise<void>
  /** Lets the time of this node's status be up, now. */
  expire(systemId: string): void
  snapshot(): unknown
  restore(state: unknown): void
  stop(): Promise<void>
}

export function createMaas(options: MaasOptions): LabMaas {
  const region = new Region({ ...options, dials: createDials() })
  const pxeVlan = options.pxeVlan ?? 10
  region.onExpiry = (node) => expire(region, node)
  startPowerMonitor(region)
  return {
    region,
    apiKey: options.apiKey,
    bootServer: createBootServer(region, pxeVlan),
    dhcp: createDhcp(region, pxeVlan),
    dials: region.dials,
    preload: (name, state) => preload(region, region.world.machine(name), state).systemId,
    refreshPower: () => refreshPower(region),
    expire: (systemId) => expire(region, known(region, systemId)),
    snapshot: () => structuredClone(region.state),
    restore: (state) => {
      // The state came from snapshot(), by way of a JSON file of the lab's own.
      region.state = structuredClone(state as State)
      for (const node of region.state.nodes) {
        // A script ran when the lab stopped; the machine has forgotten it.
        if (node.status === RELEASING) node.expires ??= region.now() + RELEASING_TIMEOUT
        if (node.expires !== null) region.watchExpiry(node)
      }
    },
    stop: () => region.stop(),
  }
}

function known(region: Region, systemId: string): Node {
  const node = region.node(systemId)
  if (node === undefined) throw new Error(`the lab's MAAS has no machine ${systemId}`)
  return node
}

import type { CloudstackOptions, CloudstackPart } from './cloudstack/cloudstack.ts'
import type { VirtualRouters } from './cloudstack/routers.ts'
import type { LabFacts } from './facts.ts'
import type { FaultTarget } from './faults/fault-target.ts'
import type { Bmcs } from './parts/bmcs.ts'
import type { MaasPart } from './parts/maas-part.ts'
import type { SitePlan } from './site.ts'
import type { DataPlane, OvsBridge } from './tor/data-plane.ts'
import type { LabSwitch } from './tor/lab-switch.ts'
import type { TorMake } from './tor/makes.ts'
import type { BmcProtocol, Machine, SwitchFabric, World } from './world/types.ts'

export interface LabOptions {
  /** The N of 127.N.0.0/16; default: the first free one, or the one of the data folder. */
  site?: number | undefined
  seed: number
  /** Virtual milliseconds per real one; Infinity: no waiting at all. */
  timeScale: number
  /** Keeps the lab's state over restarts; without it the lab forgets. */
  dataDir?: string | undefined
  /** Default: 623 where this process may bind it, else 6623. */
  bmcPort?: number | undefined
  /** Default: 443 where this process may bind it, else 8443. */
  httpsPort?: number | undefined
  /** Default: 22 where this process may bind it, else 2222. */
  sshPort?: number | undefined
  /** What the BMCs of these machines speak, by name; the others as in the layout. */
  protocols?: Readonly<Record<string, readonly BmcProtocol[]>> | undefined
  /** How many sessions a BMC has; default 4, as many boards. A test that kills controllers by the dozen needs more. */
  bmcSessions?: number | undefined
  cloudstack?: CloudstackOptions | undefined
  /** Of which make these switches are, by name; default: those of the data folder, else Force10. */
  tors?: Readonly<Record<string, TorMake>> | undefined
  /** What stands for ports of these switches, by name, on a real Open vSwitch. */
  dataPlanes?: Readonly<Record<string, OvsBridge>> | undefined
  /** r1 to r14; default: those of the data folder, else r1 and r2. */
  racks?: readonly string[] | undefined
}

/** A whole data centre in software, running. */
export interface Lab {
  readonly plan: SitePlan
  readonly world: World
  readonly fabric: SwitchFabric
  readonly bmcs: Bmcs
  readonly switches: ReadonlyMap<string, LabSwitch>
  /** By switch, of those that are mirrored to an Open vSwitch. */
  readonly dataPlanes: ReadonlyMap<string, DataPlane>
  readonly maas: MaasPart
  readonly routers: VirtualRouters
  readonly cloudstack: CloudstackPart
  readonly faults: ReadonlyMap<string, FaultTarget>
  facts(): LabFacts
  /** MAAS's status of a machine, by its MAC addresses; null if MAAS does not know it. */
  maasStatus(machine: Machine): { systemId: string; status: string } | null
  stop(): Promise<void>
}

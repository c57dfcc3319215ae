import type { BondMode } from '../domain/bond-plan.ts'
import type { DiskLayout } from '../domain/disk-layout.ts'
import type { Instance, InstanceNic, TaggedNic } from '../domain/instance.ts'
import type { ErasePolicy } from '../domain/offering.ts'
import type { OnlyHost } from '../domain/planner.ts'
import type { EraseState } from './erase.ts'

/** What installing a system on a held host needs to be told: the same for a deploy and a reinstall. */
export interface InstallInput {
  instanceId: string
  hostId?: string
  /** Only where they are settled before: those of a deploy are the instance's newest. */
  nics?: InstanceNic[]
  hostname: string
  /** MAAS's distro_series, after aliases. */
  image: string
  architecture: string
  osFamily: string
  /** As the offering says; absent in operations that began before there was a choice: active-backup. */
  bondMode?: BondMode
  /** As the offering says; null or absent: as commissioned. */
  diskLayout?: DiskLayout | null
}

/** What its steps hand on to each other. */
export interface InstallState {
  systemId: string
  defaultMac: string
  bond: string
  /** Fixed with the bond: the user-data is made from these, whatever becomes of the instance's networks meanwhile. */
  tagged: TaggedNic[]
  /** The newest word on the NICs: replaces the plan at the claim. */
  nics: InstanceNic[]
}

export interface DeployInput extends InstallInput {
  erase: ErasePolicy
  /** A create call of CloudStack must attach before the server is handed over to its network (step 10). */
  waitForClaim: boolean
  /** Host ids that failed for this instance a short time ago. */
  avoid: string[]
  /** What ties it to one host beside its MAC. Absent: nothing does. */
  only?: OnlyHost[]
  /** Chosen by its first step. */
  hostId?: never
  nics?: never
}

export interface DeployState extends InstallState {
  hostId: string
  host: string
}

export interface ReinstallInput extends InstallInput {
  hostId: string
  /** As the request says now; their VLANs are asked for once more before the ports get them. */
  nics: InstanceNic[]
  /** Becomes the instance's own only when it is installed. */
  templateId: string
  erase: ErasePolicy
  /** It ran: so it shall run again. One that was stopped stays stopped, and `start` brings the newest word on its VLANs. */
  run: boolean
  /** What it was, for a reinstall that is refused before its first effect. */
  was: Pick<Instance, 'state' | 'error'>
}

export interface ReinstallState extends InstallState, EraseState {
  /** Settled at the claim. */
  run: boolean
}

import type { BondMode } from './bond-plan.ts'
import type { DiskLayout } from './disk-layout.ts'

/** Compute offering as CloudStack has it, with BareMetalPlanner as its deployment planner. */
export interface Offering {
  id: string
  name: string
  cpuCount: number
  /** 0: any speed. */
  cpuSpeedMhz: number
  memoryMib: number
  /** Every tag must be on the host. */
  hostTags: string[]
  architecture: string
  planner: 'BareMetalPlanner'
  /** equal: CPU and memory as the offering says, as in the original design; atLeast: that or more. */
  match: 'equal' | 'atLeast'
  erase: ErasePolicy | null
  bondMode: BondMode
  /** Null: as the machine was commissioned in MAAS, of which nothing is asked then. */
  diskLayout: DiskLayout | null
}

export type ErasePolicy = 'full' | 'secure' | 'quick'

/** Most specific wins: per call, then the offering, then the site. Never silently none. */
export function resolveErase(
  site: ErasePolicy,
  offering: ErasePolicy | null,
  call: ErasePolicy | null,
): ErasePolicy {
  return call ?? offering ?? site
}

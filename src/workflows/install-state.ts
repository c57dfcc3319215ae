import type { InstanceNic } from '../domain/instance.ts'
import type { ErasePolicy } from '../domain/offering.ts'

export interface DeployInput {
  instanceId: string
  hostname: string
  /** MAAS's distro_series, after aliases. */
  image: string
  architecture: string
  osFamily: string
  erase: ErasePolicy
  /** A create call of CloudStack must attach before the server is handed over to its network (step 10). */
  waitForClaim: boolean
  /** Host ids that failed for this instance a short time ago. */
  avoid: string[]
  hostId?: never
}

export interface DeployState {
  hostId: string
  host: string
  systemId: string
  defaultMac: string
  bond: string
  /** CloudStack's newest word on the NICs: replaces the plan at step 10. */
  nics: InstanceNic[]
  powerConfirmedOff: boolean
}

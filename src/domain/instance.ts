/** A server of a cloud user: what CloudStack calls a VM. */
export interface Instance {
  id: string
  name: string
  /** CloudStack's VM uuid, if it came through that door. */
  externalId: string | null
  /** Whose it is, as CloudStack says it (domain/account, or domain/project) or whoever deployed it; null: not known. */
  tenant: string | null
  state: InstanceState
  hostId: string | null
  templateId: string
  offeringId: string
  nics: InstanceNic[]
  erase: 'full' | 'secure' | 'quick' | null
  hostname: string
  /** Set when a create call of CloudStack is to be claimed before the hand-over to the tenant's VLAN (deploy step 10). */
  error: { code: string; message: string; remedy: string } | null
  createdAt: string
  /** The host left every tenant VLAN and is off; disks may still be wiping. */
  clearAt: string | null
  /** The further networks that its installed system was made with; null: not known. */
  systemNics: TaggedNic[] | null
}

export interface InstanceNic {
  /** The NIC's own id (CloudStack's nicUuid). */
  id: string
  networkId: string
  /** The MAC that CloudStack allocated: the virtual router answers no other. */
  mac: string
  vlan: number
  isDefault: boolean
  /** Its address in CloudStack's records with the length of its network's prefix, 2001:db8::1/64. Absent: none. */
  ip6?: string
}

/** A further network inside the installed system: a VLAN interface on its bond, with a MAC of its own. */
export type TaggedNic = Pick<InstanceNic, 'vlan' | 'mac' | 'ip6'>

export type InstanceState =
  | 'deploying'
  | 'running'
  | 'stopping'
  | 'stopped'
  | 'undoing'
  | 'failed'
  | 'destroying'
  | 'parked'
  | 'destroyed'

export type InstanceAction =
  | 'deploy'
  | 'start'
  | 'stop'
  | 'reboot'
  | 'destroy'
  | 'attach'
  | 'detach'
  | 'reinstall'

/** The one table of what is allowed when. A refusal names the state; the UI disables with the same words. */
const allowed: Record<InstanceAction, readonly InstanceState[]> = {
  deploy: ['failed'],
  start: ['stopped'],
  stop: ['running'],
  reboot: ['running'],
  destroy: ['deploying', 'running', 'stopping', 'stopped', 'undoing', 'failed', 'parked'],
  attach: ['running', 'stopped'],
  detach: ['running', 'stopped'],
  // failed: an instance that kept its host, as a reinstall that failed does
  reinstall: ['running', 'stopped', 'failed'],
}

export function instanceCan(action: InstanceAction, state: InstanceState): boolean {
  return allowed[action].includes(state)
}

export function statesFor(action: InstanceAction): readonly InstanceState[] {
  return allowed[action]
}

export function defaultNic(nics: readonly InstanceNic[]): InstanceNic | undefined {
  return nics.find((nic) => nic.isDefault)
}

export function taggedNics(nics: readonly InstanceNic[]): InstanceNic[] {
  return nics.filter((nic) => !nic.isDefault).sort((a, b) => a.vlan - b.vlan)
}

/** Networks that the installed system was not made with: attached since, or with another VLAN or MAC by now. */
export function unknownToSystem(
  nics: readonly InstanceNic[],
  made: readonly TaggedNic[] | null,
): InstanceNic[] {
  if (made === null) return []
  return taggedNics(nics).filter(({ vlan, mac }) => !made.some((one) => one.vlan === vlan && one.mac === mac))
}

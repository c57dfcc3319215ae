import { diskLayoutFault } from './disk-layout.ts'
import type { HostSituation } from './host.ts'
import { hostState, wiredPorts } from './host.ts'
import type { LagSwitch } from './lag.ts'
import { inPreMadeLag, lagFault, preMadeLagFault } from './lag.ts'
import type { Offering } from './offering.ts'

export interface Refusal {
  hostId: string
  host: string
  /** Every reason, not only the first. */
  reasons: string[]
}

export interface Choice {
  hostId: string | null
  host: string | null
  /** Hosts that fit too but lost, in order of preference, each with why. */
  runnersUp: Refusal[]
  refused: Refusal[]
}

export interface Demand {
  offering: Offering
  architecture: string
  /** Networks beyond the default one do not need more NICs: they are tagged. */
  networks: number
  /** Hosts that this instance must not get again (a failed attempt). */
  avoid: ReadonlySet<string>
  reservedHostIds: ReadonlySet<string>
  /** A host that a reservation of this very instance names: the only candidate then. */
  reservedForUs: string | null
  /** Every switch, if the offering's bond is 802.3ad; else nothing is asked of it. */
  lagSwitches: ReadonlyMap<string, LagSwitch>
  /** Each leaves one host and no other. */
  only: readonly OnlyHost[]
  /** By host id: the name of the host that it is for CloudStack by itself, if a VM of a pool must not get such. */
  ownInCloud: ReadonlyMap<string, string>
}

/** Something that ties an instance to one host. */
export interface OnlyHost {
  /** Null: to one that is not there. */
  hostId: string | null
  /** Why another host will not do. */
  because: string
}

/** A MAC that is a host's own can be on no other: two machines would answer to it. */
export function tiedByMac(fleet: readonly HostSituation[], mac: string | undefined): OnlyHost[] {
  return fleet.flatMap(({ host }) =>
    host.bootMac === mac || host.nics.some((nic) => nic.mac === mac)
      ? [{ hostId: host.id, because: `the default NIC has ${host.name}'s own MAC ${mac}` }]
      : [],
  )
}

const byName = new Intl.Collator('en', { numeric: true })

/**
 * BareMetalPlanner: from an offering and the fleet to one host, with the reason for every other. Among hosts that fit,
 * the smallest waste wins (memory, then CPUs, then fewer NICs), then the name, so that equal questions get equal answers.
 */
export function chooseHost(demand: Demand, fleet: readonly HostSituation[]): Choice {
  const refused: Refusal[] = []
  const fitting: HostSituation[] = []
  for (const situation of fleet) {
    const reasons = refusalReasons(demand, situation)
    if (reasons.length > 0) refused.push({ hostId: situation.host.id, host: situation.host.name, reasons })
    else fitting.push(situation)
  }
  // once for each: of ten thousand hosts a sort asks a quarter of a million times
  const wastes = new Map(fitting.map((situation) => [situation, waste(demand, situation)]))
  const wasteOf = (situation: HostSituation) => wastes.get(situation) ?? 0
  fitting.sort((a, b) => wasteOf(a) - wasteOf(b) || byName.compare(a.host.name, b.host.name))
  const [winner, ...rest] = fitting
  return {
    hostId: winner?.host.id ?? null,
    host: winner?.host.name ?? null,
    runnersUp: rest.map((situation) => ({
      hostId: situation.host.id,
      host: situation.host.name,
      reasons: [
        wasteOf(situation) > wasteOf(winner ?? situation)
          ? 'fits, but is larger than needed'
          : 'fits equally; a name earlier in order was taken',
      ],
    })),
    refused,
  }
}

/** How many hosts it could get. */
export function countFitting(demand: Demand, fleet: readonly HostSituation[]): number {
  return fleet.filter((situation) => refusalReasons(demand, situation).length === 0).length
}

function refusalReasons(demand: Demand, situation: HostSituation): string[] {
  const { offering } = demand
  const { host } = situation
  const reasons: string[] = []
  if (demand.reservedForUs !== null && demand.reservedForUs !== host.id)
    reasons.push('another host is reserved for this instance')
  if (demand.reservedHostIds.has(host.id) && demand.reservedForUs !== host.id)
    reasons.push('is reserved for another instance')
  for (const { hostId, because } of demand.only) if (hostId !== host.id) reasons.push(because)
  const own = demand.ownInCloud.get(host.id)
  if (own !== undefined)
    reasons.push(`is host ${own} of its own in CloudStack, so that no VM of a pool gets it`)
  if (demand.avoid.has(host.id)) reasons.push('failed for this instance a short time ago')
  const state = hostState(situation)
  if (state !== 'available') reasons.push(stateReason(situation))
  else if (situation.tenancy) reasons.push('carries an instance')
  reasons.push(...sizeReasons(offering, situation))
  if (host.architecture !== demand.architecture)
    reasons.push(`architecture is ${host.architecture}, not ${demand.architecture}`)
  const missing = offering.hostTags.filter((tag) => !host.tags.includes(tag))
  if (missing.length > 0) reasons.push(`lacks host tag${missing.length > 1 ? 's' : ''} ${missing.join(', ')}`)
  const layoutFault = offering.diskLayout && diskLayoutFault(offering.diskLayout, host.disks)
  if (layoutFault) reasons.push(layoutFault)
  if (wiredPorts(host).length === 0) reasons.push('no NIC of it is wired to a switch port in the rack file')
  else {
    const made = inPreMadeLag(host) || offering.bondMode !== '802.3ad'
    const fault = made ? preMadeLagFault(host, offering.bondMode) : lagFault(host, demand.lagSwitches)
    if (fault !== null) reasons.push(fault)
  }
  return reasons
}

function stateReason(situation: HostSituation): string {
  const { host, hold } = situation
  switch (hostState(situation)) {
    case 'in-use':
      return 'carries an instance'
    case 'attention':
      return `needs attention: ${host.attention?.message ?? 'unknown reason'}`
    case 'dirty':
      return 'its disks are not proven erased'
    case 'read-only':
      return 'was adopted while deployed and is read-only'
    case 'enlisting':
      return 'is being enlisted'
    case 'erasing':
      return 'is being erased'
    case 'busy':
      return `is held by operation ${hold?.operationId ?? '?'} (${hold?.kind ?? '?'})`
    case 'out-of-pool':
      return 'is not in the pool'
    default:
      return 'is not available'
  }
}

function sizeReasons(offering: Offering, { host }: HostSituation): string[] {
  const fits =
    offering.match === 'equal'
      ? (have: number, want: number) => have === want
      : (have: number, want: number) => have >= want
  const word = offering.match === 'equal' ? 'not' : 'fewer than'
  const reasons: string[] = []
  if (!fits(host.cpuCount, offering.cpuCount))
    reasons.push(`has ${host.cpuCount} CPUs, ${word} ${offering.cpuCount}`)
  if (!fits(host.memoryMib, offering.memoryMib)) {
    reasons.push(
      `has ${host.memoryMib} MiB of memory, ${offering.match === 'equal' ? 'not' : 'less than'} ${offering.memoryMib}`,
    )
  }
  if (offering.cpuSpeedMhz > 0 && host.cpuSpeedMhz > 0 && host.cpuSpeedMhz < offering.cpuSpeedMhz) {
    reasons.push(`CPU speed is ${host.cpuSpeedMhz} MHz, below ${offering.cpuSpeedMhz}`)
  }
  return reasons
}

function waste({ offering }: Demand, { host }: HostSituation): number {
  return (
    (host.memoryMib - offering.memoryMib) * 1000 +
    (host.cpuCount - offering.cpuCount) * 10 +
    wiredPorts(host).length
  )
}

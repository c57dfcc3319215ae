import type {
  HostFacts,
  HostOutcome,
  InstanceOutcome,
  KnownNetwork,
  LedgerEntry,
  RecordedHost,
  SeenHost,
} from './facts.ts'
import { describeSeenPort } from './ports.ts'

/** A host's part of the plan in words: what the records say, what the world says, and what will be recorded. */
export interface HostStory {
  /** `attention`: kept from being used until a person has looked. */
  verdict: 'as-recorded' | 'rebuilt' | 'attention'
  records: string
  world: string[]
  changes: string[]
}

export function describeHost(
  { recorded, seen }: HostFacts,
  outcome: HostOutcome,
  networks: readonly KnownNetwork[],
  nameOf: (instanceId: string) => string | null,
): HostStory {
  const changes = changesOf(recorded, outcome, networks)
  return {
    verdict: outcome.attention ? 'attention' : changes.length > 0 ? 'rebuilt' : 'as-recorded',
    records: recordsOf(recorded),
    world: worldOf(seen, nameOf),
    changes,
  }
}

function recordsOf({ host, known, dirty, tenant, operation }: RecordedHost): string {
  if (!known) return 'no such host'
  const parts = [
    tenant ? `carries ${tenant.instance.name} (${tenant.instance.state})` : 'carries nothing',
    ...(operation ? [`${operation.kind} ${operation.number} is at work on it`] : []),
    ...(host.readOnly ? ['read-only'] : host.inPool ? [] : ['not in the pool']),
    ...(dirty ? ['disks dirty'] : ['disks clean']),
  ]
  return parts.join('; ')
}

function worldOf(
  { machine, ports, power, powerFault, cableFaults }: SeenHost,
  nameOf: (instanceId: string) => string | null,
): string[] {
  const named = (id: string) => nameOf(id) ?? 'the records have no such one'
  const marks = machine
    ? [
        ...(machine.instanceId === null
          ? []
          : [`instance ${machine.instanceId} (${named(machine.instanceId)})`]),
        ...(machine.operation === null ? [] : [`operation ${machine.operation}`]),
        ...(machine.mark === 'ours' ? [] : ['not marked as ours']),
        ...(machine.activity === null || machine.status !== 'Ready'
          ? []
          : [`since the records: ${machine.activity}`]),
      ]
    : []
  return [
    machine ? [`MAAS: ${machine.status}`, ...marks].join('; ') : 'MAAS: no such machine',
    `BMC: power ${power}${powerFault ? ` (${powerFault})` : ''}`,
    ...ports.map(describeSeenPort),
    ...cableFaults.map((fault) => `LLDP: ${fault}`),
  ]
}

function changesOf(
  recorded: RecordedHost,
  outcome: HostOutcome,
  networks: readonly KnownNetwork[],
): string[] {
  const { tenant, lost, dirty, attention, adopt } = outcome
  return [
    ...(adopt
      ? [
          `${recorded.known ? 'its hardware' : 'the host itself'}, as MAAS knows it; ${adopt.inPool ? 'in' : 'not in'} the pool`,
        ]
      : []),
    ...(tenant ? tenantChanges(recorded, tenant, networks) : []),
    ...(lost ? [`${lost.instance.name} is not on it any more: ${change(lost)}`] : []),
    ...ledgerChanges(recorded.ledger, outcome.ledger),
    ...(dirty ? [`its disks are dirty: ${dirty}`] : []),
    ...(attention ? [`attention: ${attention.message}`] : []),
  ]
}

function tenantChanges(
  recorded: RecordedHost,
  tenant: InstanceOutcome,
  networks: readonly KnownNetwork[],
): string[] {
  const { instance, state, nics } = tenant
  const moved = recorded.tenant?.instance.id !== instance.id
  const nicLines = nics.map((nic) => {
    const name = networks.find((one) => one.id === nic.networkId)?.name ?? nic.networkId
    return `${name} (VLAN ${nic.vlan}, ${nic.mac})`
  })
  return [
    ...(moved ? [`it carries ${instance.name}`] : []),
    ...(moved || state !== instance.state ? [`${instance.name}: ${change(tenant)}`] : []),
    ...(JSON.stringify(nics) === JSON.stringify(instance.nics)
      ? []
      : [`networks of ${instance.name}: ${nicLines.join(', ')}`]),
  ]
}

export function change({ instance, state }: InstanceOutcome): string {
  return instance.state === state ? state : `${instance.state} -> ${state}`
}

function ledgerChanges(before: readonly LedgerEntry[], after: readonly LedgerEntry[]): string[] {
  const name = (row: LedgerEntry) => `VLAN ${row.vlan} on ${row.switchId} port ${row.port}`
  const same = (a: LedgerEntry, b: LedgerEntry) => JSON.stringify(keyOf(a)) === JSON.stringify(keyOf(b))
  return [
    ...after.filter((row) => !before.some((old) => same(old, row))).map((row) => `ledger: ${name(row)}`),
    ...before
      .filter((row) => !after.some((now) => name(now) === name(row)))
      .map((row) => `ledger: no ${name(row)}`),
  ]
}

function keyOf({ switchId, port, vlan, networkId, instanceId }: LedgerEntry): string[] {
  return [switchId, port, String(vlan), networkId, instanceId]
}

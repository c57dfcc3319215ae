import type {
  HostFacts,
  HostOutcome,
  InstanceOutcome,
  KnownInstance,
  KnownNetwork,
  SeenMachine,
} from './facts.ts'
import { rebuildNics } from './nics.ts'
import { carriedVlans, isAtRest, isCarrying, ledgerOf, unreadFaults } from './ports.ts'
import { lostInstance, tenantInterrupted, tenantNow } from './tenant.ts'

/** Codes of the attention that a recovery leaves on a host. */
const ATTENTION = 'recovered'

export interface Judging {
  facts: HostFacts
  /** The instance that the machine carries by its annotation, where the records know it and no other host has it. */
  claimed: KnownInstance | null
  networks: readonly KnownNetwork[]
  newId: (mac: string) => string
}

/** What a host is recorded as. Each case looks at the world only; the records say who is who. */
export function judgeHost(judging: Judging): HostOutcome {
  const { recorded, seen } = judging.facts
  const { machine } = seen
  if (recorded.host.readOnly && machine?.instanceId === null) return asRecorded(judging.facts)
  if (!machine) return gone(judging)
  if (machine.mark !== 'ours') return notOurs(judging)
  const tenant = tenantOf(judging, machine)
  if (machine.status === 'Deployed') return tenant ? deployed(judging, tenant) : stranger(judging, machine)
  if (machine.status === 'Ready') return free(judging, machine)
  return interrupted(judging, machine, tenant)
}

/** By the annotation, or by the MAC that was installed where somebody took the annotation off. */
function tenantOf({ facts, claimed }: Judging, machine: SeenMachine): KnownInstance | null {
  const { tenant } = facts.recorded
  const byMac =
    machine.instanceId === null &&
    machine.bondMac !== null &&
    tenant?.instance.nics.some((nic) => nic.isDefault && nic.mac === machine.bondMac)
  const found = byMac ? tenant : claimed
  return found && found.instance.state !== 'destroyed' ? found : null
}

/** Adopted while Deployed, and only looked at: nothing of it was ever ours. */
function asRecorded({ recorded }: HostFacts): HostOutcome {
  return {
    adopt: null,
    tenant: null,
    lost: null,
    dirty: null,
    attention: null,
    ledger: [...recorded.ledger],
  }
}

/** Deployed, and the records know what is on it: it goes on as it is. */
function deployed(judging: Judging, known: KnownInstance): HostOutcome {
  const { facts, networks, newId } = judging
  const { seen, recorded } = facts
  const { instance } = known
  const carrying = isCarrying(seen.ports)
  const unread = unreadFaults(seen.ports)
  const rebuilt =
    carrying && unread.length === 0
      ? rebuildNics(instance.nics, seen.ports, networks, newId)
      : { nics: instance.nics, doubts: [] }
  const doubts = [...unread, ...powerFaults(facts), ...rebuilt.doubts]
  const tenant = { ...tenantNow(facts, known), nics: rebuilt.nics }
  if (tenant.state === 'stopped' && seen.power === 'on' && !carrying)
    doubts.push('it is on, although its ports are out of every tenant VLAN')
  return {
    ...common(judging, tenant),
    dirty: recorded.dirty ? null : `instance ${instance.hostname}`,
    attention:
      doubts.length === 0
        ? null
        : {
            code: ATTENTION,
            message: `${recorded.host.name} carries ${instance.name}, but ${doubts.join('; ')}`,
            remedy: `Look at its switch and its BMC. Then stop ${instance.name} and start it again: that brings ports and records together.`,
          },
  }
}

/** Deployed by an operation that the records do not have, for an instance that they do not have. */
function stranger(judging: Judging, machine: SeenMachine): HostOutcome {
  const { recorded, seen } = judging.facts
  const vlans = [...new Set(seen.ports.flatMap(carriedVlans))].sort((a, b) => a - b)
  const unread = unreadFaults(seen.ports)
  const who =
    machine.instanceId === null ? 'an instance without a mark' : `unknown instance ${machine.instanceId}`
  const where =
    vlans.length > 0
      ? `its ports are on VLAN ${vlans.join(', ')}`
      : unread.length > 0
        ? unread.join('; ')
        : 'its ports are on no tenant VLAN'
  return toLookAt(judging, null, `carries ${who}; ${where}`, {
    dirty: 'carries an instance that the records do not know',
    remedy: `It was left as it is, and is not used. If what is on it may go: "ferrule host erase ${recorded.host.name}".`,
  })
}

/** Nobody's by MAAS. What the records or MAAS say was done with its disks since is proof of nothing. */
function free(judging: Judging, machine: SeenMachine): HostOutcome {
  const { recorded, seen } = judging.facts
  const unrest = [
    ...unreadFaults(seen.ports),
    ...powerFaults(judging.facts),
    ...(seen.power === 'on' ? ['it is on'] : []),
    ...(seen.ports.some((port) => port.fault === null && !isAtRest(port))
      ? ['its ports are not all in the PXE VLAN']
      : []),
    ...seen.cableFaults,
  ]
  const used =
    recorded.tenant !== null
      ? `carried ${recorded.tenant.instance.name} by records that were lost since`
      : recorded.operation !== null
        ? `${recorded.operation.kind} ${recorded.operation.number} was lost by a restored database`
        : !recorded.known || !recorded.host.inPool
          ? 'came to us with unknown disks'
          : machine.activity !== null
            ? `MAAS: ${machine.activity} that the records do not know`
            : null
  if (unrest.length > 0)
    return toLookAt(judging, null, `is Ready in MAAS, but ${unrest.join('; ')}`, {
      dirty: used ?? 'was not at rest when the records were rebuilt',
      remedy:
        seen.cableFaults.length > 0
          ? `Correct the cables or the rack file; then remove ${recorded.host.name} and add it again.`
          : `Look at it; then erase it: "ferrule host erase ${recorded.host.name}".`,
    })
  // said also of disks that are dirty already: the certificate that may have been given since is lost
  return { ...common(judging, null), dirty: used }
}

/** In the middle of something that nobody goes on with. */
function interrupted(judging: Judging, machine: SeenMachine, known: KnownInstance | null): HostOutcome {
  const { recorded, seen } = judging.facts
  const tenant = known ? tenantInterrupted(judging.facts, known, machine) : null
  const by = machine.operation === null ? '' : ` (operation ${machine.operation})`
  const faults = [...unreadFaults(seen.ports), ...powerFaults(judging.facts)]
  return toLookAt(
    judging,
    tenant,
    [`is ${machine.status} in MAAS${by}, and nothing goes on with that`, ...faults].join('; '),
    {
      dirty: `was ${machine.status} in MAAS when the records were rebuilt`,
      remedy: known
        ? `Destroy ${known.instance.name} ("ferrule instance destroy ${known.instance.name}"): that erases the host.`
        : `Erase it: "ferrule host erase ${recorded.host.name}".`,
    },
  )
}

/** MAAS has forgotten the machine: what is on it may run all the same. */
function gone(judging: Judging): HostOutcome {
  const { recorded } = judging.facts
  const known = recorded.tenant && recorded.tenant.instance.state !== 'destroyed' ? recorded.tenant : null
  const tenant = known ? tenantNow(judging.facts, known) : null
  return toLookAt(judging, tenant, 'is no machine of MAAS any more', {
    dirty: 'MAAS has no such machine',
    remedy: known
      ? `Look at the host itself; then destroy ${known.instance.name}.`
      : `Remove it ("ferrule host remove ${recorded.host.name}"), and add it again if it is still there.`,
  })
}

/** Given away since: never written, so nothing of ours is on it. */
function notOurs(judging: Judging): HostOutcome {
  const { recorded, seen } = judging.facts
  const whose =
    seen.machine?.mark === 'foreign'
      ? 'is marked in MAAS as another installation’s'
      : 'has lost our mark in MAAS'
  return toLookAt(judging, null, whose, {
    dirty: 'was given away by records that were lost since',
    remedy: `Remove it ("ferrule host remove ${recorded.host.name}"), and add it again if it is ours.`,
  })
}

function toLookAt(
  judging: Judging,
  tenant: InstanceOutcome | null,
  what: string,
  { dirty, remedy }: { dirty: string; remedy: string },
): HostOutcome {
  const { host, dirty: dirtyNow } = judging.facts.recorded
  return {
    ...common(judging, tenant),
    dirty: dirtyNow ? null : dirty,
    attention: { code: ATTENTION, message: `${host.name} ${what}`, remedy },
  }
}

/** What follows from who is on the host, in every case. */
function common(
  { facts, networks }: Judging,
  tenant: InstanceOutcome | null,
): Pick<HostOutcome, 'adopt' | 'tenant' | 'lost' | 'attention' | 'ledger'> {
  const { recorded, seen } = facts
  const { host } = recorded
  const before = recorded.tenant
  const left = before !== null && before.instance.id !== tenant?.instance.id
  const inventory =
    recorded.known && (host.inPool || host.readOnly) ? null : (seen.machine?.inventory ?? null)
  return {
    adopt:
      inventory && seen.machine
        ? { systemId: seen.machine.systemId, inventory, inPool: seen.cableFaults.length === 0 }
        : null,
    tenant,
    lost: left ? lostInstance(before, host.name) : null,
    attention: null,
    ledger: ledgerOf(facts, tenant && { id: tenant.instance.id, nics: tenant.nics }, networks),
  }
}

function powerFaults({ recorded, seen }: HostFacts): string[] {
  if (seen.power !== 'unknown') return []
  return [
    `the BMC of ${recorded.host.name} does not say whether it is on${seen.powerFault ? ` (${seen.powerFault})` : ''}`,
  ]
}

import type { ErrorBody } from '../domain/errors.ts'
import { FerruleError } from '../domain/errors.ts'
import type { Host } from '../domain/host.ts'
import { dirtyKeys } from '../domain/host.ts'
import type { InstanceOutcome } from '../domain/recovery/facts.ts'
import type { HostPlan, RecoveryPlan } from '../domain/recovery/plan.ts'
import type { Queryable } from '../store/database.ts'
import { insertEvent } from '../store/events.ts'
import { markDirty, takeTenancy } from '../store/holds.ts'
import { insertHost, setAttention, setInventory, setPool, setSystemId } from '../store/hosts.ts'
import { setClear, setInstanceNics, setInstanceState } from '../store/instances.ts'
import { insertLag } from '../store/lags.ts'
import { enterLedger } from '../store/ledger.ts'
import { endOperation } from '../store/operations.ts'
import {
  clearLedger,
  endLostSteps,
  forgetWhoHoldsWhat,
  highestOperationNumber,
  insertRecovery,
  lockRecovery,
} from '../store/recovery.ts'
import { liveReplicas } from '../store/replicas.ts'
import { sideBySide } from '../workflows/side-by-side.ts'
import type { Caller, Services } from './context.ts'
import type { RecoveryView } from './recovery-view.ts'

/** One transaction: either all of it is recorded, or nothing. No device is written. */
export async function recordRecovery(
  services: Services,
  caller: Caller,
  plan: RecoveryPlan,
  view: RecoveryView,
): Promise<void> {
  const { tools, settings } = services
  const passwords = await bmcPasswords(services, plan)
  await tools.db.transaction(async (client) => {
    await lockRecovery(client)
    await refuseIfAlive(client, settings.replicaLeaseMs, plan)
    await forgetWhoHoldsWhat(client)
    for (const operation of plan.operations) {
      const lost = lostError(operation)
      await endLostSteps(client, operation.id, lost)
      await endOperation(client, operation.id, 'undone', lost)
    }
    for (const host of plan.hosts) await recordHost(services, client, host, passwords)
    for (const lost of plan.instances) await recordInstance(client, lost, null)
    await insertRecovery(client, {
      id: tools.newId(),
      fingerprint: view.fingerprint,
      floor: plan.numbers.next - 1,
      plan: view,
      by: caller.name,
    })
    await insertEvent(client, {
      kind: 'recovery.confirmed',
      message: `${caller.name} confirmed recovery ${view.fingerprint}: the database ended at operation ${plan.numbers.ours}, MAAS knew ${plan.numbers.inMaas}; numbers go on at ${plan.numbers.next}`,
      data: { fingerprint: view.fingerprint, numbers: plan.numbers, notes: plan.notes },
    })
  })
}

/** MAAS drives the same BMCs, and is the only one who still knows how to open those of hosts without a record. */
async function bmcPasswords({ tools }: Services, plan: RecoveryPlan): Promise<Map<string, string>> {
  const unknown = plan.hosts.filter(({ facts }) => !facts.recorded.known)
  const found = await sideBySide(unknown, async ({ facts }): Promise<[string, string]> => {
    const { id, systemId } = facts.recorded.host
    const power = await tools.maas.bmcPowerParameters(systemId ?? '')
    return [id, power?.password ?? '']
  })
  return new Map(found)
}

async function refuseIfAlive(client: Queryable, leaseMs: number, plan: RecoveryPlan): Promise<void> {
  const live = await liveReplicas(client, leaseMs)
  if (live > 0)
    throw new FerruleError(
      'wrong-state',
      `${live} replica${live > 1 ? 's are' : ' is'} at work on this database`,
      'Stop every replica that is not in recovery mode, then look at "ferrule recover" again.',
    )
  if ((await highestOperationNumber(client)) !== plan.numbers.ours)
    throw new FerruleError(
      'conflict',
      'another recovery was confirmed this very moment',
      'Nothing to do: see "ferrule recover".',
    )
}

function lostError({ kind, number }: { kind: string; number: number }): ErrorBody {
  return new FerruleError(
    'recovery-mode',
    `${kind} ${number} was lost by a restored database: it was neither finished nor undone`,
    'Look at its host and its instance: they are recorded as they were found.',
  ).toBody()
}

async function recordHost(
  services: Services,
  client: Queryable,
  { facts, outcome, verdict, changes }: HostPlan,
  passwords: ReadonlyMap<string, string>,
): Promise<void> {
  const { host, known } = facts.recorded
  if (!known) await insertFromMaas(services, client, host, passwords.get(host.id) ?? '')
  if (outcome.adopt) {
    await setSystemId(client, host.id, outcome.adopt.systemId)
    await setInventory(client, host.id, outcome.adopt.inventory)
    await setPool(client, host.id, outcome.adopt.inPool)
  }
  if (outcome.tenant) {
    await takeTenancy(client, host.id, outcome.tenant.instance.id)
    // what the switch shows is what the tenant's system runs with
    for (const { switchId, running } of facts.seen.ports)
      if (running?.lag !== undefined) await insertLag(client, host.id, switchId, running.lag)
    await recordInstance(client, outcome.tenant, host.id)
  }
  if (outcome.lost) await recordInstance(client, outcome.lost, host.id)
  await clearLedger(client, [host.id])
  for (const row of outcome.ledger)
    await enterLedger(client, [row], { instanceId: row.instanceId, hostId: host.id })
  if (outcome.dirty) {
    const keys = dirtyKeys({
      ...host,
      ...(outcome.adopt && { systemId: outcome.adopt.systemId, disks: outcome.adopt.inventory.disks }),
    })
    await markDirty(client, keys, outcome.dirty, null)
  }
  if (outcome.attention)
    await setAttention(client, host.id, {
      ...outcome.attention,
      since: new Date(services.tools.now()).toISOString(),
    })
  if (changes.length > 0)
    await insertEvent(client, {
      kind: `recovery.host-${verdict}`,
      hostId: host.id,
      ...(outcome.tenant ? { instanceId: outcome.tenant.instance.id } : {}),
      message: `${host.name}: ${changes.join('; ')}`,
      data: { verdict, changes },
    })
}

async function insertFromMaas(
  services: Services,
  client: Queryable,
  host: Host,
  password: string,
): Promise<void> {
  await insertHost(client, {
    id: host.id,
    name: host.name,
    bmc: { ...host.bmc, passwordSealed: services.seal('bmc', host.id, password) },
    bootMac: host.bootMac,
    cpuCount: host.cpuCount,
    cpuSpeedMhz: host.cpuSpeedMhz,
    memoryMib: host.memoryMib,
    architecture: host.architecture,
    tags: host.tags,
  })
}

async function recordInstance(
  client: Queryable,
  { instance, state, nics, clear, error }: InstanceOutcome,
  hostId: string | null,
): Promise<void> {
  await setInstanceNics(client, instance.id, nics)
  await setInstanceState(client, instance.id, state, error)
  await setClear(client, instance.id, clear)
  if (instance.state === state) return
  await insertEvent(client, {
    kind: 'recovery.instance',
    instanceId: instance.id,
    ...(hostId ? { hostId } : {}),
    message: `${instance.name} was ${instance.state} by the records, and is ${state}${error ? `: ${error.message}` : ''}`,
  })
}

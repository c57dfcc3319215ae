import { FerruleError } from '../domain/errors.ts'
import type { Host, HostBmc, HostSituation } from '../domain/host.ts'
import type { PersonTopic } from '../domain/person.ts'
import { violatedConstraint } from '../store/database.ts'
import { insertEvent } from '../store/events.ts'
import { type BmcRecord, setBmc } from '../store/host-bmc.ts'
import { sayWord } from '../store/person.ts'
import { setPower } from '../store/power-readings.ts'
import { sameBmc } from '../workflows/find-machine.ts'
import {
  type BmcInput,
  checkBmc,
  normaliseAddress,
  normaliseFingerprint,
  normaliseSshFingerprint,
} from './bmc-input.ts'
import type { Caller, Services } from './context.ts'
import { findHost, type HostView, hostView } from './hosts.ts'

/** A person has compared the certificate of the BMC and trusts it: from now on this one and no other. */
export async function trustBmc(
  services: Services,
  caller: Caller,
  key: string,
  fingerprint: string,
): Promise<HostView> {
  return setHostBmc(services, caller, key, { fingerprint })
}

/**
 * Changes how a host's BMC is reached. A new address is another BMC: its certificate has to be trusted anew, and it is
 * refused while an operation has the host, which would go on with another machine.
 */
export async function setHostBmc(
  services: Services,
  caller: Caller,
  key: string,
  change: BmcInput,
): Promise<HostView> {
  const situation = await findHost(services, key)
  const { host } = situation
  const record = changed(services, host, change)
  if (isAnother(host, record)) refuseHeld(situation)
  await refuseOtherMachine(services, host, record)
  await services.tools.db
    .transaction(async (client) => {
      await setBmc(client, host.id, record)
      await insertEvent(client, {
        kind: 'host.bmc',
        hostId: host.id,
        message: `${caller.name} changed how the BMC of ${host.name} is reached: ${Object.keys(change).join(', ')}`,
        data: trustOf(host.bmc, record, change),
      })
    })
    .catch((error: unknown) => {
      if (violatedConstraint(error) !== 'host_bmc_address_key') throw error
      throw new FerruleError(
        'conflict',
        `BMC ${change.address ?? ''} belongs to another host already`,
        'Each host has a BMC of its own: check the address.',
        { field: 'bmc.address' },
      )
    })
  // a parked or waiting operation may go on at once
  if (situation.hold) await services.tools.starter.wake(situation.hold.operationId, {})
  return hostView(services, host.id)
}

/** What a person has trusted, and what before. */
function trustOf(before: HostBmc, record: BmcRecord, change: BmcInput): Record<string, string | null> {
  return {
    ...(change.fingerprint ? { fingerprint: record.fingerprint, before: before.fingerprint } : {}),
    ...(change.sshFingerprint
      ? { sshFingerprint: record.sshFingerprint, sshBefore: before.sshFingerprint }
      : {}),
  }
}

function changed(services: Services, host: Host, change: BmcInput): BmcRecord {
  const { bmc } = host
  const protocol = change.protocol ?? bmc.protocol
  const address = change.address === undefined ? bmc.address : normaliseAddress(change.address, protocol)
  const username = change.username ?? bmc.username
  const moved = address !== bmc.address
  const given = change.fingerprint === undefined ? undefined : normaliseFingerprint(change.fingerprint)
  const speaksTls = protocol === 'auto' || protocol === 'redfish'
  const fingerprint = given ?? (moved || !speaksTls ? null : bmc.fingerprint)
  checkBmc(protocol, {
    address: address ?? undefined,
    username,
    // one that is kept is as good as a new one, unless there never was one
    password: change.password ?? (bmc.address === null ? undefined : 'kept'),
    fingerprint: given,
    sshFingerprint: change.sshFingerprint,
  })
  return {
    address,
    username,
    protocol,
    fingerprint,
    sshFingerprint: changedSshKey(bmc, change, moved || !speaksTls),
    system: change.system === undefined ? (moved ? null : bmc.system) : change.system,
    ...(change.password === undefined
      ? {}
      : { passwordSealed: services.seal('bmc', host.id, change.password) }),
    ...(change.kg === undefined
      ? {}
      : { kgSealed: change.kg === null ? null : services.seal('bmc-kg', host.id, change.kg) }),
  }
}

/** `forgotten`: it was another BMC's, or is of no use any more. */
function changedSshKey(bmc: HostBmc, { sshFingerprint }: BmcInput, forgotten: boolean): string | null {
  if (sshFingerprint) return normaliseSshFingerprint(sshFingerprint)
  return sshFingerprint === null || forgotten ? null : bmc.sshFingerprint
}

function isAnother(host: Host, record: BmcRecord): boolean {
  return record.address !== host.bmc.address || record.system !== host.bmc.system
}

function refuseHeld({ host, hold }: HostSituation): void {
  if (!hold) return
  throw new FerruleError(
    'held',
    `host ${host.name} is held by operation ${hold.operationId} (${hold.kind}), which would go on with another machine`,
    'Wait for it to end, or cancel it; user, password and certificate may be changed meanwhile.',
    { operation: hold.operationId },
  )
}

/** A BMC of another machine would be switched in place of this host's own: MAAS has to say the same address. */
async function refuseOtherMachine(services: Services, host: Host, record: BmcRecord): Promise<void> {
  const { address } = record
  if (address === null || address === host.bmc.address || host.systemId === null) return
  const known = await services.tools.maas.bmcPowerParameters(host.systemId)
  if (known === null || sameBmc(known, { ...host.bmc, ...record })) return
  throw new FerruleError(
    'conflict',
    `MAAS reaches the BMC of ${host.name} at ${known.address}, not at ${address}`,
    'Correct the address here, or change the power parameters of the machine in MAAS first.',
    { field: 'bmc.address', systemId: host.systemId, bmc: known.address },
  )
}

/** A person says what is so, for a host whose power or boot device nobody else can tell. Recorded with who said it. */
export async function confirmByPerson(
  services: Services,
  caller: Caller,
  key: string,
  word: { topic: 'power'; says: 'on' | 'off' } | { topic: 'boot-device'; says: 'network' | 'disk' },
): Promise<HostView> {
  const { host, hold } = await findHost(services, key)
  refuseNeedless(host, word.topic)
  await services.tools.db.transaction(async (client) => {
    await sayWord(client, host.id, word.topic, word.says, caller.name)
    if (word.topic === 'power') await setPower(client, host.id, word.says)
    await insertEvent(client, {
      kind: 'host.confirmed',
      hostId: host.id,
      ...(hold ? { operationId: hold.operationId } : {}),
      message: `${caller.name} says: ${word.topic === 'power' ? 'power' : 'boot device'} of ${host.name} is ${word.says}`,
      data: { topic: word.topic, says: word.says, by: caller.name, question: host.question?.text ?? null },
    })
  })
  if (hold) await services.tools.starter.wake(hold.operationId, {})
  return hostView(services, host.id)
}

/** A person's word must never stand in for what a BMC can be asked. */
function refuseNeedless(host: Host, topic: PersonTopic): void {
  const { protocol } = host.bmc
  if (protocol === 'manual' || (protocol === 'maas' && topic === 'boot-device')) return
  throw new FerruleError(
    'wrong-state',
    `the ${topic === 'power' ? 'power' : 'boot device'} of ${host.name} is read from its BMC (protocol ${protocol}): nobody's word is needed`,
    'If the BMC cannot be reached, repair that, or give the host another protocol: ferrule host set-bmc.',
    { host: host.name, protocol },
  )
}

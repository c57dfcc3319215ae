import { FerruleError } from '../domain/errors.ts'
import type { HostBmc, HostSituation, HostState, PowerPolicy, PowerReading } from '../domain/host.ts'
import { dirtyKeys, hostState, wiredPorts } from '../domain/host.ts'
import { normaliseMac } from '../domain/mac.ts'
import type { ErasePolicy } from '../domain/offering.ts'
import { questionAttention } from '../domain/person.ts'
import type { CertificateRow, LastErase } from '../store/certificates.ts'
import { certificatesOfHost, lastErases } from '../store/certificates.ts'
import { violatedConstraint, violatedReference } from '../store/database.ts'
import { insertEvent } from '../store/events.ts'
import { dirtyMarks } from '../store/holds.ts'
import type { BmcRecord } from '../store/host-bmc.ts'
import { deleteHost, hostNames, hostSituations, insertHost } from '../store/hosts.ts'
import type { Operation } from '../store/operations.ts'
import { racksOfSwitches } from '../store/racks.ts'
import type { EnlistInput } from '../workflows/enlist.ts'
import { ANNOTATION_INSTALLATION, installationTag } from '../workflows/maas-machine.ts'
import {
  type BmcInput,
  checkBmc,
  normaliseAddress,
  normaliseFingerprint,
  normaliseSshFingerprint,
} from './bmc-input.ts'
import type { Caller, Services } from './context.ts'
import { requireEnabled } from './enabled.ts'
import { beginOperation } from './operations.ts'
import { type Wire, wireHost } from './wire-host.ts'

export interface AddHost {
  name: string
  bmc: BmcInput
  bootMac: string
  /** Absent: its rack file says it. */
  port?: Wire | undefined
  /** Of its other NICs, likewise. */
  cables?: readonly ({ mac: string } & Wire)[] | undefined
  cpuCount: number
  cpuSpeedMhz: number
  memoryMib: number
  architecture?: string | undefined
  tags: string[]
  /** Adopt exactly this MAAS machine. */
  systemId?: string | undefined
  /** A named person's word instead of the first erase: who and why are recorded. */
  disksClean?: { reason: string } | undefined
}

export interface HostView {
  id: string
  name: string
  state: HostState
  systemId: string | null
  bmc: HostBmc
  bootMac: string
  cpuCount: number
  cpuSpeedMhz: number
  memoryMib: number
  architecture: string
  tags: string[]
  /** The rack configuration of its first NIC that has a cable; null: none has. */
  rack: string | null
  nics: { name: string; mac: string; switch: string | null; port: string | null }[]
  disks: { name: string; serial: string; model: string; size: number }[]
  power: PowerReading
  powerPolicy: PowerPolicy
  dirty: boolean
  /** The newest certificate; null: there is none. */
  lastErase: LastErase | null
  instanceId: string | null
  operationId: string | null
  attention: { code: string; message: string; remedy: string; since: string } | null
}

/** A3, A4: the host is recorded and its enlistment begins; if that fails everything is undone, the record included. */
export async function addHost(
  services: Services,
  caller: Caller,
  host: AddHost,
): Promise<{ host: HostView; operation: Operation }> {
  requireEnabled(services)
  const { tools } = services
  const id = tools.newId()
  const bmc = newBmc(services, id, host.bmc)
  const operation = await tools.db
    .transaction(async (client) => {
      const bootMac = normaliseMac(host.bootMac)
      if (host.port) await wireHost(client, services, caller, bootMac, host.port)
      for (const { mac, ...wire } of host.cables ?? [])
        await wireHost(client, services, caller, normaliseMac(mac), wire)
      await insertHost(client, {
        id,
        name: host.name,
        bmc,
        bootMac,
        cpuCount: host.cpuCount,
        cpuSpeedMhz: host.cpuSpeedMhz,
        memoryMib: host.memoryMib,
        architecture: host.architecture ?? 'amd64',
        tags: host.tags,
      })
      const input: EnlistInput = {
        hostId: id,
        instanceId: null,
        systemId: host.systemId ?? null,
        erase: services.settings.erase,
        disksClean: host.disksClean ? { by: caller.name, reason: host.disksClean.reason } : null,
      }
      return beginOperation(services, client, caller, { kind: 'enlist', hostId: id, instanceId: null, input })
    })
    .catch((error: unknown) => {
      throw duplicateError(error, host) ?? error
    })
  return { host: await hostView(services, id), operation }
}

function newBmc(services: Services, hostId: string, input: BmcInput): BmcRecord & { passwordSealed: string } {
  const protocol = input.protocol ?? services.settings.bmcProtocol
  checkBmc(protocol, input)
  return {
    address: normaliseAddress(input.address, protocol),
    username: input.username ?? '',
    protocol,
    fingerprint: input.fingerprint ? normaliseFingerprint(input.fingerprint) : null,
    sshFingerprint: input.sshFingerprint ? normaliseSshFingerprint(input.sshFingerprint) : null,
    system: input.system ?? null,
    passwordSealed: services.seal('bmc', hostId, input.password ?? ''),
    kgSealed: input.kg ? services.seal('bmc-kg', hostId, input.kg) : null,
  }
}

function duplicateError(error: unknown, host: AddHost): FerruleError | null {
  switch (violatedConstraint(error)) {
    case 'host_name_key':
      return new FerruleError('conflict', `there is a host ${host.name} already`, 'Choose another name.', {
        field: 'name',
      })
    case 'host_bmc_address_key':
      return new FerruleError(
        'conflict',
        `BMC ${host.bmc.address ?? ''} belongs to another host already`,
        'Each host has a BMC of its own: check the address.',
        { field: 'bmc.address' },
      )
    case 'host_boot_mac_key':
      return new FerruleError(
        'conflict',
        `MAC ${host.bootMac} belongs to another host already`,
        'Each host has NICs of its own: check the MAC.',
        { field: 'bootMac' },
      )
    default:
      return null
  }
}

/** In the order of their names; all of them, or a page. */
export async function hostViews(
  services: Services,
  where: { after?: string; limit?: number; rack?: string | undefined } = {},
): Promise<HostView[]> {
  const { db } = services.tools
  const found = await hostSituations(db, where)
  const ids = found.map(({ host }) => host.id)
  const [erases, racks] = await Promise.all([lastErases(db, ids), racksOfSwitches(db)])
  return found.map((one) => toView(one, erases.get(one.host.id) ?? null, racks))
}

/** By id; those that are gone are not in it. */
export async function namesOfHosts(services: Services, ids: readonly string[]): Promise<Map<string, string>> {
  return hostNames(services.tools.db, ids)
}

/** By id or by name. */
export async function hostView(services: Services, key: string): Promise<HostView> {
  const found = await findHost(services, key)
  const { db } = services.tools
  const [erases, racks] = await Promise.all([lastErases(db, [found.host.id]), racksOfSwitches(db)])
  return toView(found, erases.get(found.host.id) ?? null, racks)
}

export async function findHost(services: Services, key: string): Promise<HostSituation> {
  const where = /^[0-9a-f]{8}-[0-9a-f-]{27}$/i.test(key) ? { id: key } : { name: key }
  const [situation] = await hostSituations(services.tools.db, where)
  if (!situation)
    throw new FerruleError('not-found', `there is no host ${key}`, 'List them with "ferrule host list".', {
      host: key,
    })
  return situation
}

function toView(
  situation: HostSituation,
  lastErase: LastErase | null,
  racks: ReadonlyMap<string, string>,
): HostView {
  const { host } = situation
  const [wired] = wiredPorts(host)
  return {
    id: host.id,
    name: host.name,
    state: hostState(situation),
    systemId: host.systemId,
    bmc: host.bmc,
    bootMac: host.bootMac,
    cpuCount: host.cpuCount,
    cpuSpeedMhz: host.cpuSpeedMhz,
    memoryMib: host.memoryMib,
    architecture: host.architecture,
    tags: host.tags,
    rack: racks.get(wired?.switchId ?? '') ?? null,
    nics: host.nics.map((nic) => ({
      name: nic.name,
      mac: nic.mac,
      switch: nic.port?.switchId ?? null,
      port: nic.port?.port ?? null,
    })),
    disks: host.disks,
    power: host.power,
    powerPolicy: host.powerPolicy,
    lastErase,
    dirty: situation.dirty,
    instanceId: situation.tenancy?.instanceId ?? null,
    operationId: situation.hold?.operationId ?? null,
    attention: host.attention ?? (host.question && questionAttention(host.question, host.name)),
  }
}

/** A5: the machine stays in MAAS; only our mark on it goes. Refused while an instance or an operation is on it. */
export async function removeHost(services: Services, caller: Caller, key: string): Promise<void> {
  const { tools } = services
  const situation = await findHost(services, key)
  const { host } = situation
  if (situation.tenancy)
    throw new FerruleError(
      'in-use',
      `host ${host.name} carries an instance`,
      'Destroy the instance first; then the host can be removed.',
      { instance: situation.tenancy.instanceId },
    )
  if (situation.hold)
    throw new FerruleError(
      'held',
      `host ${host.name} is held by operation ${situation.hold.operationId} (${situation.hold.kind})`,
      'Wait for it to end, or cancel it.',
      { operation: situation.hold.operationId },
    )
  // the marks of dirty disks stay: they come back with the host
  await tools.db.transaction(async (client) => {
    await client.query('select from host where id = $1 for update', [host.id])
    await deleteHost(client, host.id).catch((error: unknown) => {
      if (!violatedReference(error)) throw error
      throw new FerruleError(
        'held',
        `host ${host.name} was taken by an operation this very moment`,
        'Look at it and try again.',
        { host: host.name },
      )
    })
    await insertEvent(client, {
      kind: 'host.removed',
      hostId: host.id,
      message: `${caller.name} removed host ${host.name}; machine ${host.systemId ?? 'none'} stays in MAAS`,
    })
  })
  if (host.systemId) await unmark(services, host.systemId)
}

async function unmark(services: Services, systemId: string): Promise<void> {
  const { maas } = services.tools
  const machine = await maas.machine(systemId)
  const owner = machine.annotations[ANNOTATION_INSTALLATION]
  if (owner !== undefined && owner !== services.tools.installation.name) return
  // no operation holds a host that is gone: nothing else can write to the machine for us any more
  const free = {
    kind: 'host' as const,
    id: systemId,
    holder: 'host removal',
    signal: services.tools.leaseSignal,
    check: async () => undefined,
  }
  await maas.removeTag(free, systemId, installationTag(services.tools))
}

/** Erases a host that is dirty without an instance, e.g. after MAAS was used past us. */
export async function eraseHost(
  services: Services,
  caller: Caller,
  key: string,
  policy: ErasePolicy | null,
): Promise<Operation> {
  requireEnabled(services)
  const situation = await findErasable(services, key)
  const input = { hostId: situation.host.id, instanceId: null, erase: policy ?? services.settings.erase }
  return services.tools.db.transaction((client) =>
    beginOperation(services, client, caller, {
      kind: 'destroy',
      hostId: situation.host.id,
      instanceId: null,
      input,
    }),
  )
}

/** A host whose disks are nobody's. */
export async function findErasable(services: Services, key: string): ReturnType<typeof findHost> {
  const situation = await findHost(services, key)
  if (situation.tenancy)
    throw new FerruleError(
      'in-use',
      `host ${situation.host.name} carries an instance`,
      'Destroy the instance: that erases the host.',
      { instance: situation.tenancy.instanceId },
    )
  if (situation.host.readOnly)
    throw new FerruleError(
      'wrong-state',
      `host ${situation.host.name} was adopted while deployed and is read-only`,
      'Release it in MAAS, remove it here and add it again.',
    )
  return situation
}

export async function hostCertificates(services: Services, key: string): Promise<CertificateRow[]> {
  const { host } = await findHost(services, key)
  return certificatesOfHost(services.tools.db, host.id)
}

export async function hostDirtyMarks(
  services: Services,
  key: string,
): Promise<{ key: string; reason: string; since: string }[]> {
  const { host } = await findHost(services, key)
  return (await dirtyMarks(services.tools.db, dirtyKeys(host))).map((mark) => ({
    key: mark.key,
    reason: mark.reason,
    since: mark.since.toISOString(),
  }))
}

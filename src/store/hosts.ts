import type {
  Attention,
  BmcProtocol,
  FoundProtocol,
  Host,
  HostDisk,
  HostNic,
  HostSituation,
  PowerPolicy,
  PowerReading,
} from '../domain/host.ts'
import { dirtyKeys, neverRead } from '../domain/host.ts'
import type { PersonQuestion } from '../domain/person.ts'
import type { Queryable } from './database.ts'
import { leaseLost } from './holds.ts'
import type { BmcRecord } from './host-bmc.ts'
import { sealedSecrets } from './sealed-secrets.ts'

interface HostRow {
  id: string
  name: string
  system_id: string | null
  bmc_address: string | null
  bmc_username: string
  bmc_password_sealed: string
  bmc_protocol: BmcProtocol
  bmc_found: FoundProtocol | null
  bmc_fingerprint: string | null
  bmc_ssh_fingerprint: string | null
  bmc_system: string | null
  bmc_kg_sealed: string | null
  boot_mac: string
  cpu_count: number
  cpu_speed_mhz: number
  memory_mib: number
  architecture: string
  tags: string[]
  interfaces: { name: string; mac: string }[]
  disks: HostDisk[]
  in_pool: boolean
  read_only: boolean
  attention: Attention | null
  power_policy: PowerPolicy
  reading: ReadingRow | null
  maas_event_seen: string
  cables: { mac: string; switch_id: string; port: string; member: string | null }[]
  hold_operation: string | null
  hold_kind: string | null
  tenant: string | null
  lags: Record<string, number> | null
  question: PersonQuestion | null
}

/** A question counts while the operation that asked it has the host and nobody has answered. */
const QUESTION = `
  (select jsonb_build_object('topic', topic, 'text', question, 'since', asked_at) from person_word
    where person_word.host_id = host.id and question is not null and asked_for = hold.operation_id
      and coalesce(said_at, '-infinity') <= asked_at
    order by asked_at desc limit 1) as question`

/** As JSON, so times are text. */
interface ReadingRow {
  state: PowerReading['state']
  at: string | null
  since: string | null
  known: 'on' | 'off' | null
  known_at: string | null
  failures: number
  failure: { code: string; message: string; remedy: string } | null
  next_look: string | null
}

/**
 * A host's NICs are those that MAAS found; before commissioning only the boot NIC is known. Cables come from the rack file,
 * by one list of MACs: two conditions joined by "or" would read every cable for every host.
 */
const COLUMNS = `host.*, hold.operation_id as hold_operation, operation.kind as hold_kind, tenancy.instance_id as tenant,
    (select jsonb_object_agg(lag.switch_id, lag.number) from lag where lag.host_id = tenancy.host_id) as lags,
    ${QUESTION}, to_jsonb(reading) as reading,
    coalesce((select jsonb_agg(jsonb_build_object('mac', cable.mac, 'switch_id', cable.switch_id, 'port', cable.port, 'member', cable.member))
      from cable where cable.mac = any(array[host.boot_mac] || array(select jsonb_array_elements(host.interfaces) ->> 'mac'))), '[]') as cables`
const JOINS = `left join power_reading as reading on reading.host_id = host.id
  left join hold on hold.host_id = host.id
  left join operation on operation.id = hold.operation_id
  left join tenancy on tenancy.host_id = host.id`
const FROM = `host ${JOINS}`
const SELECT = `select ${COLUMNS} from ${FROM}`

function toHost(row: HostRow): Host {
  const cables = new Map(
    row.cables.map(({ mac, switch_id, port, member }) => [
      mac,
      { switchId: switch_id, port, ...(member === null ? {} : { member }) },
    ]),
  )
  const known = row.interfaces.length > 0 ? row.interfaces : [{ name: 'boot', mac: row.boot_mac }]
  const nics: HostNic[] = known.map((nic) => ({
    name: nic.name,
    mac: nic.mac,
    port: cables.get(nic.mac) ?? null,
  }))
  const host: Host = {
    id: row.id,
    name: row.name,
    systemId: row.system_id,
    bmc: {
      address: row.bmc_address,
      username: row.bmc_username,
      protocol: row.bmc_protocol,
      found: row.bmc_found,
      fingerprint: row.bmc_fingerprint,
      sshFingerprint: row.bmc_ssh_fingerprint,
      system: row.bmc_system,
      kg: row.bmc_kg_sealed !== null,
    },
    bootMac: row.boot_mac,
    cpuCount: row.cpu_count,
    cpuSpeedMhz: row.cpu_speed_mhz,
    memoryMib: row.memory_mib,
    architecture: row.architecture,
    tags: row.tags,
    nics,
    disks: row.disks,
    inPool: row.in_pool,
    readOnly: row.read_only,
    attention: row.attention,
    question: row.question && { ...row.question, since: new Date(row.question.since).toISOString() },
    power: toPower(row.reading),
    powerPolicy: row.power_policy,
    maasEventSeen: Number(row.maas_event_seen),
  }
  sealedSecrets.set(host, { password: row.bmc_password_sealed, kg: row.bmc_kg_sealed })
  return host
}

function toPower(row: ReadingRow | null): PowerReading {
  if (!row) return neverRead
  const time = (text: string | null) => (text === null ? null : new Date(text).toISOString())
  const knownAt = time(row.known_at)
  return {
    state: row.state,
    at: time(row.at),
    since: time(row.since),
    lastKnown: row.known === null || knownAt === null ? null : { state: row.known, at: knownAt },
    failure: row.failure && {
      code: row.failure.code,
      message: row.failure.message,
      remedy: row.failure.remedy,
      looks: row.failures,
      nextLook: time(row.next_look),
    },
  }
}

/**
 * Hosts with who holds them, who lives on them and whether their disks are proven clean, in the order of their names.
 * `after` and `limit`: a page of them, so that a page costs what is on it.
 */
export async function hostSituations(
  db: Queryable,
  where: {
    id?: string
    name?: string
    switchId?: string
    /** Wired to a switch of this rack configuration. */
    rack?: string | undefined
    after?: string
    limit?: number
  } = {},
): Promise<HostSituation[]> {
  const { rows } = await db.query<HostRow>(
    // the page first: what belongs to a host is put together for those on it alone
    `select ${COLUMNS} from (
       select * from host where ($1::uuid is null or id = $1) and ($2::text is null or name = $2)
         and ($3::text is null or exists (select from cable where cable.switch_id = $3
           and cable.mac = any(array[boot_mac] || array(select jsonb_array_elements(interfaces) ->> 'mac'))))
         and ($4::text is null or name collate "C" > $4)
         and ($6::text is null or exists (select from cable join switch on switch.id = cable.switch_id where switch.rack = $6
           and cable.mac = any(array[boot_mac] || array(select jsonb_array_elements(interfaces) ->> 'mac'))))
       order by name collate "C" limit $5
     ) as host ${JOINS} order by host.name collate "C"`,
    [
      where.id ?? null,
      where.name ?? null,
      where.switchId ?? null,
      where.after ?? null,
      where.limit ?? null,
      where.rack ?? null,
    ],
  )
  const hosts = rows.map((row) => ({ row, host: toHost(row) }))
  const marks = await db.query<{ key: string }>('select key from dirty_mark where key = any($1)', [
    hosts.flatMap(({ host }) => dirtyKeys(host)),
  ])
  const dirty = new Set(marks.rows.map((mark) => mark.key))
  return hosts.map(({ row, host }) => ({
    host,
    hold: row.hold_operation ? { operationId: row.hold_operation, kind: row.hold_kind ?? 'unknown' } : null,
    tenancy: row.tenant ? { instanceId: row.tenant, ...(row.lags ? { lags: row.lags } : {}) } : null,
    dirty: dirtyKeys(host).some((key) => dirty.has(key)),
  }))
}

export async function hostNames(db: Queryable, ids: readonly string[]): Promise<Map<string, string>> {
  const { rows } = await db.query<{ id: string; name: string }>(
    'select id, name from host where id = any($1)',
    [ids],
  )
  return new Map(rows.map(({ id, name }) => [id, name]))
}

export async function hostById(db: Queryable, id: string): Promise<Host | null> {
  const { rows } = await db.query<HostRow>(`${SELECT} where host.id = $1`, [id])
  return rows[0] ? toHost(rows[0]) : null
}

/**
 * This replica works on the operation from now on, and here is its host. `tookOver`: another replica did before, and its
 * last device call may still be under way. Only a replica with a fresh beat may claim. Nothing is written when the hold
 * is ours already.
 */
export async function claimHost(
  db: Queryable,
  hostId: string,
  operationId: string,
  executor: string,
  leaseMs: number,
): Promise<{ host: Host; tookOver: boolean }> {
  const { rows } = await db.query<HostRow & { holder: string }>(
    `with live as (
       select from replica where executor = $3 and beat > now() - $4 * interval '1 millisecond'
     ), taken as (
       update hold set executor = $3 from hold as old
       where hold.host_id = $1 and old.host_id = $1 and hold.operation_id = $2 and old.executor <> $3 and exists (select from live)
       returning old.executor as holder
     ), claimed as (
       select holder from taken
       union all
       select executor from hold where host_id = $1 and operation_id = $2 and executor = $3 and exists (select from live)
     )
     select claimed.holder, ${COLUMNS} from claimed, ${FROM} where host.id = $1`,
    [hostId, operationId, executor, leaseMs],
  )
  const row = rows[0]
  if (!row) throw leaseLost()
  return { host: toHost(row), tookOver: row.holder !== executor }
}

export interface NewHost {
  id: string
  name: string
  bmc: BmcRecord & { passwordSealed: string }
  bootMac: string
  cpuCount: number
  cpuSpeedMhz: number
  memoryMib: number
  architecture: string
  tags: string[]
}

export async function insertHost(db: Queryable, host: NewHost): Promise<void> {
  await db.query(
    `insert into host (id, name, bmc_address, bmc_username, bmc_password_sealed, boot_mac, cpu_count, cpu_speed_mhz, memory_mib,
       architecture, tags, bmc_protocol, bmc_fingerprint, bmc_system, bmc_kg_sealed, bmc_ssh_fingerprint)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)`,
    [
      host.id,
      host.name,
      host.bmc.address,
      host.bmc.username,
      host.bmc.passwordSealed,
      host.bootMac,
      host.cpuCount,
      host.cpuSpeedMhz,
      host.memoryMib,
      host.architecture,
      host.tags,
      host.bmc.protocol,
      host.bmc.fingerprint,
      host.bmc.system,
      host.bmc.kgSealed ?? null,
      host.bmc.sshFingerprint,
    ],
  )
}

export async function setSystemId(db: Queryable, id: string, systemId: string): Promise<void> {
  await db.query('update host set system_id = $2 where id = $1', [id, systemId])
}

export interface Inventory {
  cpuCount: number
  cpuSpeedMhz: number
  memoryMib: number
  architecture: string
  interfaces: { name: string; mac: string }[]
  disks: HostDisk[]
}

/** What commissioning found is the truth; what the operator typed was only for matching. CPU speed that MAAS does not tell stays as typed. */
export async function setInventory(db: Queryable, id: string, inventory: Inventory): Promise<void> {
  await db.query(
    `update host set cpu_count = $2, cpu_speed_mhz = case when $3::int > 0 then $3::int else cpu_speed_mhz end, memory_mib = $4, architecture = $5, interfaces = $6, disks = $7 where id = $1`,
    [
      id,
      inventory.cpuCount,
      inventory.cpuSpeedMhz,
      inventory.memoryMib,
      inventory.architecture,
      JSON.stringify(inventory.interfaces),
      JSON.stringify(inventory.disks),
    ],
  )
}

export async function setPool(db: Queryable, id: string, inPool: boolean, readOnly = false): Promise<void> {
  await db.query('update host set in_pool = $2, read_only = $3 where id = $1', [id, inPool, readOnly])
}

/** Those that need a person for this reason. */
export async function hostsWithAttention(db: Queryable, code: string): Promise<Host[]> {
  const { rows } = await db.query<HostRow>(`${SELECT} where host.attention ->> 'code' = $1`, [code])
  return rows.map(toHost)
}

export async function setAttention(db: Queryable, id: string, attention: Attention | null): Promise<void> {
  await db.query('update host set attention = $2 where id = $1', [
    id,
    attention === null ? null : JSON.stringify(attention),
  ])
}

export async function setMaasEventSeen(db: Queryable, id: string, eventId: number): Promise<void> {
  await db.query('update host set maas_event_seen = greatest(maas_event_seen, $2) where id = $1', [
    id,
    eventId,
  ])
}

export async function deleteHost(db: Queryable, id: string): Promise<void> {
  await db.query('delete from host where id = $1', [id])
}

import type { Queryable } from './database.ts'

export interface SwitchRow {
  id: string
  rack: string
  address: string
  type: string
  username: string
  passwordSealed: string
  /** SHA-256 of the host key or certificate that the switch must show. */
  fingerprint: string | null
  /** Certificates of the authorities of which one must have signed the switch's, PEM. */
  ca: string | null
  /** May it be spoken to in clear text, or without knowing that it is the right one? */
  insecure: boolean
  pxeVlan: number
  quarantineVlan: number
  vlanFrom: number
  vlanTo: number
  /** May Ferrule create VLANs that the switch lacks? */
  createVlans: boolean
  /** The LAGs that Ferrule may make and dissolve there; null: none. */
  lagRange: { from: number; to: number } | null
}

export interface CableRow {
  mac: string
  switchId: string
  /** Of a NIC in a LAG that people made: the LAG. */
  port: string
  /** Its own port, where `port` is such a LAG. */
  member: string | null
}

/** Replaces one rack configuration as a whole: its switches and cables are exactly these afterwards. */
export async function replaceRack(
  db: Queryable,
  name: string,
  body: unknown,
  switches: readonly SwitchRow[],
  cables: readonly CableRow[],
): Promise<void> {
  await db.query(
    'insert into rack_config (name, body) values ($1, $2) on conflict (name) do update set body = excluded.body, applied_at = now()',
    [name, JSON.stringify(body)],
  )
  await db.query('delete from cable using switch where cable.switch_id = switch.id and switch.rack = $1', [
    name,
  ])
  await db.query('delete from switch where rack = $1 and not (id = any($2))', [
    name,
    switches.map((one) => one.id),
  ])
  for (const one of switches) {
    await db.query(
      `insert into switch (id, rack, address, type, username, password_sealed, pxe_vlan, quarantine_vlan, vlan_from, vlan_to,
         fingerprint, ca, insecure, create_vlans, lag_from, lag_to)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
       on conflict (id) do update set rack = excluded.rack, address = excluded.address, type = excluded.type, username = excluded.username,
         password_sealed = excluded.password_sealed, pxe_vlan = excluded.pxe_vlan, quarantine_vlan = excluded.quarantine_vlan,
         vlan_from = excluded.vlan_from, vlan_to = excluded.vlan_to,
         fingerprint = excluded.fingerprint, ca = excluded.ca, insecure = excluded.insecure, create_vlans = excluded.create_vlans,
         lag_from = excluded.lag_from, lag_to = excluded.lag_to`,
      [
        one.id,
        name,
        one.address,
        one.type,
        one.username,
        one.passwordSealed,
        one.pxeVlan,
        one.quarantineVlan,
        one.vlanFrom,
        one.vlanTo,
        one.fingerprint,
        one.ca,
        one.insecure,
        one.createVlans,
        one.lagRange?.from ?? null,
        one.lagRange?.to ?? null,
      ],
    )
  }
  for (const cable of cables) await insertCable(db, cable)
}

/** The kept file of one, locked for the rest of the transaction; null: there is none. */
export async function rackBody(db: Queryable, name: string): Promise<unknown> {
  const { rows } = await db.query<{ body: unknown }>(
    'select body from rack_config where name = $1 for update',
    [name],
  )
  return rows[0]?.body ?? null
}

/** One cable more, in the kept file and beside it. */
export async function addCable(db: Queryable, rack: string, body: unknown, cable: CableRow): Promise<void> {
  await db.query('update rack_config set body = $2, applied_at = now() where name = $1', [
    rack,
    JSON.stringify(body),
  ])
  await insertCable(db, cable)
}

function insertCable(db: Queryable, { mac, switchId, port, member }: CableRow) {
  return db.query('insert into cable (mac, switch_id, port, member) values ($1, $2, $3, $4)', [
    mac,
    switchId,
    port,
    member,
  ])
}

export async function listRacks(db: Queryable): Promise<{ name: string; body: unknown; appliedAt: Date }[]> {
  const { rows } = await db.query<{ name: string; body: unknown; applied_at: Date }>(
    'select name, body, applied_at from rack_config order by name',
  )
  return rows.map((row) => ({ name: row.name, body: row.body, appliedAt: row.applied_at }))
}

export async function deleteRack(db: Queryable, name: string): Promise<boolean> {
  const { rowCount } = await db.query('delete from rack_config where name = $1', [name])
  return rowCount === 1
}

interface SwitchRecord {
  id: string
  rack: string
  address: string
  type: string
  username: string
  password_sealed: string
  fingerprint: string | null
  ca: string | null
  insecure: boolean
  pxe_vlan: number
  quarantine_vlan: number
  vlan_from: number
  vlan_to: number
  create_vlans: boolean
  lag_from: number | null
  lag_to: number | null
}

export async function listSwitches(db: Queryable): Promise<SwitchRow[]> {
  const { rows } = await db.query<SwitchRecord>('select * from switch order by rack, address')
  return rows.map(toSwitch)
}

/** By id of the switch, the rack configuration that it is in. */
export async function racksOfSwitches(db: Queryable): Promise<Map<string, string>> {
  const { rows } = await db.query<{ id: string; rack: string }>('select id, rack from switch')
  return new Map(rows.map(({ id, rack }) => [id, rack]))
}

/** By id, these switches, and which of their ports the rack file gives us. */
export async function switchesWithPorts(
  db: Queryable,
  ids: readonly string[],
): Promise<Map<string, { row: SwitchRow; ports: string[] }>> {
  const { rows } = await db.query<SwitchRecord & { ports: string[] }>(
    'select switch.*, array(select distinct port from cable where switch_id = switch.id order by port) as ports from switch where id = any($1)',
    [ids],
  )
  return new Map(rows.map(({ ports, ...row }) => [row.id, { row: toSwitch(row), ports }]))
}

function toSwitch(row: SwitchRecord): SwitchRow {
  return {
    id: row.id,
    rack: row.rack,
    address: row.address,
    type: row.type,
    username: row.username,
    passwordSealed: row.password_sealed,
    fingerprint: row.fingerprint,
    ca: row.ca,
    insecure: row.insecure,
    pxeVlan: row.pxe_vlan,
    quarantineVlan: row.quarantine_vlan,
    vlanFrom: row.vlan_from,
    vlanTo: row.vlan_to,
    createVlans: row.create_vlans,
    lagRange: row.lag_from === null || row.lag_to === null ? null : { from: row.lag_from, to: row.lag_to },
  }
}

/** All, or those of one switch. */
export async function listCables(db: Queryable, switchId: string | null = null): Promise<CableRow[]> {
  const { rows } = await db.query<{ mac: string; switch_id: string; port: string; member: string | null }>(
    'select mac, switch_id, port, member from cable where $1::text is null or switch_id = $1 order by switch_id, port, member',
    [switchId],
  )
  return rows.map(({ switch_id, ...row }) => ({ ...row, switchId: switch_id }))
}

/** Was the file of one of these cables applied since? */
export async function redeclaredSince(
  db: Queryable,
  macs: readonly string[],
  since: string,
): Promise<boolean> {
  const { rows } = await db.query(
    `select from cable join switch on switch.id = cable.switch_id join rack_config on rack_config.name = switch.rack
     where cable.mac = any($1) and rack_config.applied_at > $2`,
    [macs, since],
  )
  return rows.length > 0
}

/** Another one, whenever a rack file was applied or taken away, or a host was enlisted: the cables may be others then. */
export async function cablesVersion(db: Queryable): Promise<string> {
  const { rows } = await db.query<{ version: string }>(
    `select concat_ws(' ', (select max(applied_at) from rack_config), (select count(*) from rack_config),
       (select max(ended_at) from operation where kind = 'enlist')) as version`,
  )
  return rows[0]?.version ?? ''
}

/** Hosts whose wired ports lie in this rack and that carry an instance or an operation: the rack cannot go while they do. */
export async function busyHostsOfRack(db: Queryable, name: string): Promise<string[]> {
  const { rows } = await db.query<{ name: string }>(
    `select distinct host.name from host
     join cable on cable.mac = host.boot_mac or cable.mac in (select jsonb_array_elements(host.interfaces) ->> 'mac')
     join switch on switch.id = cable.switch_id and switch.rack = $1
     left join tenancy on tenancy.host_id = host.id
     left join hold on hold.host_id = host.id
     where tenancy.host_id is not null or hold.host_id is not null order by 1`,
    [name],
  )
  return rows.map((row) => row.name)
}

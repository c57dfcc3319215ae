import type { Queryable } from './database.ts'

/** A row stands from before the first device write until a verified, saved read-back says that the VLAN left the port. */
export interface LedgerRow {
  switchId: string
  port: string
  vlan: number
  networkId: string
  instanceId: string
  hostId: string
  host: string
  since: Date
}

export async function enterLedger(
  db: Queryable,
  rows: readonly { switchId: string; port: string; vlan: number; networkId: string }[],
  owner: { instanceId: string; hostId: string },
): Promise<void> {
  await db.query(
    `insert into port_ledger (switch_id, port, vlan, network_id, instance_id, host_id)
     select switch_id, port, vlan, network_id, $2, $3 from jsonb_to_recordset($1::jsonb) as row (switch_id text, port text, vlan int, network_id text)
     on conflict (switch_id, port, vlan) do update set network_id = excluded.network_id, instance_id = excluded.instance_id, host_id = excluded.host_id`,
    [
      JSON.stringify(
        rows.map((row) => ({
          switch_id: row.switchId,
          port: row.port,
          vlan: row.vlan,
          network_id: row.networkId,
        })),
      ),
      owner.instanceId,
      owner.hostId,
    ],
  )
}

/** After a verified, saved read-back: only the VLANs that the port still carries stay. */
export async function keepInLedger(db: Queryable, hostId: string, vlans: readonly number[]): Promise<void> {
  await db.query('delete from port_ledger where host_id = $1 and not (vlan = any($2))', [hostId, vlans])
}

export async function ledgerOfHost(db: Queryable, hostId: string): Promise<LedgerRow[]> {
  return select(db, 'port_ledger.host_id = $1', [hostId])
}

/** Rows that stand for other networks on these VLANs: while they do, nobody else may use the VLAN. */
export async function ledgerConflicts(
  db: Queryable,
  wanted: readonly { vlan: number; networkId: string }[],
  instanceId: string,
): Promise<LedgerRow[]> {
  return select(
    db,
    `exists (select from jsonb_to_recordset($1::jsonb) as want (vlan int, network_id text) where want.vlan = port_ledger.vlan and want.network_id <> port_ledger.network_id)
     and port_ledger.instance_id <> $2`,
    [JSON.stringify(wanted.map((want) => ({ vlan: want.vlan, network_id: want.networkId }))), instanceId],
  )
}

async function select(db: Queryable, where: string, values: unknown[]): Promise<LedgerRow[]> {
  const { rows } = await db.query<{
    switch_id: string
    port: string
    vlan: number
    network_id: string
    instance_id: string
    host_id: string
    host: string
    since: Date
  }>(
    `select port_ledger.*, coalesce(host.name, port_ledger.host_id::text) as host from port_ledger left join host on host.id = port_ledger.host_id where ${where} order by switch_id, port, vlan`,
    values,
  )
  return rows.map((row) => ({
    switchId: row.switch_id,
    port: row.port,
    vlan: row.vlan,
    networkId: row.network_id,
    instanceId: row.instance_id,
    hostId: row.host_id,
    host: row.host,
    since: row.since,
  }))
}

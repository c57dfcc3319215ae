import { z } from 'zod'
import type { SwitchLease } from '../../../domain/lease.ts'
import { PortsMoved } from '../ports-moved.ts'
import { failureOf, type Operation, type OvsdbClient } from './client.ts'
import { refused, unreachable } from './errors.ts'
import { type PortRow, type PortVlans, vlanColumns, wireVlans } from './port-row.ts'

/** A port's row as it was read, and what it shall hold. */
export interface PortUpdate {
  row: PortRow
  wanted: PortVlans
}

/**
 * All ports in one transaction: first the proof that each row is still what was read, then the new values. A state in
 * between, in which a port would carry a third tenant's VLAN, is never configured.
 * @returns the number of the change, for inForce
 * @throws PortsMoved (nothing was written), switch-refused (nothing was written), switch-unreachable, lease-lost
 */
export async function writePorts(
  client: OvsdbClient,
  lease: SwitchLease,
  updates: readonly PortUpdate[],
): Promise<number> {
  const { address } = client.target
  const operations = [...updates.map(({ row }) => unchanged(row)), ...updates.map(update), ...nextChange]
  // The connection first, so that nothing slow lies between the proof of the lease and the write.
  await client.connect()
  await lease.check()
  const outcomes = await client.transact(operations, { signal: lease.signal })
  const failure = failureOf(outcomes)
  if (failure) {
    const moved = updates[failure.index]
    if (moved && failure.error === 'timed out') throw new PortsMoved(address, [moved.row.name])
    const changed = updates[failure.index - updates.length]
    throw refused(address, changed ? setting(changed.row.name, changed.wanted) : 'commit', failure.said)
  }
  const counted = z.tuple([z.object({ next_cfg: z.int() })]).safeParse(outcomes[operations.length - 1]?.rows)
  if (!counted.success) throw refused(address, 'select Open_vSwitch', 'it does not count its changes')
  return counted.data[0].next_cfg
}

/**
 * Waits until ovs-vswitchd has put a change in force; the database knows it before a single frame does.
 * @throws switch-unreachable when it does not, in the time of a request
 */
export async function inForce(client: OvsdbClient, change: number, signal?: AbortSignal): Promise<void> {
  const { requestMs } = client.timeouts
  const outcomes = await client.transact(
    [
      {
        op: 'wait',
        timeout: requestMs,
        table: 'Open_vSwitch',
        where: [['cur_cfg', '<', change]],
        columns: ['cur_cfg'],
        until: '==',
        rows: [],
      },
    ],
    { extraMs: 1_000, ...(signal ? { signal } : {}) },
  )
  if (!failureOf(outcomes)) return
  throw unreachable(
    client.target.address,
    `its ovs-vswitchd has not put a change in force within ${requestMs / 1000} s`,
  )
}

/** For people, close to what one would type. */
export function setting(port: string, { vlanMode, tag, trunks }: PortVlans): string {
  const values = [`vlan_mode=${vlanMode ?? '[]'}`, `tag=${tag ?? '[]'}`, `trunks=[${trunks.join(',')}]`]
  return `set port ${port} ${values.join(' ')}`
}

function unchanged(row: PortRow): Operation {
  return {
    op: 'wait',
    timeout: 0,
    table: 'Port',
    where: [['_uuid', '==', ['uuid', row.uuid]]],
    columns: ['name', ...vlanColumns],
    until: '==',
    rows: [{ name: row.name, ...wireVlans(row) }],
  }
}

function update({ row, wanted }: PortUpdate): Operation {
  return { op: 'update', table: 'Port', where: [['_uuid', '==', ['uuid', row.uuid]]], row: wireVlans(wanted) }
}

const nextChange: readonly Operation[] = [
  { op: 'mutate', table: 'Open_vSwitch', where: [], mutations: [['next_cfg', '+=', 1]] },
  { op: 'select', table: 'Open_vSwitch', where: [], columns: ['next_cfg'] },
]

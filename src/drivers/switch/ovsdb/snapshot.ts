import { z } from 'zod'
import type { PortState } from '../types.ts'
import { failureOf, type Operation, type OvsdbClient } from './client.ts'
import { refused, unreachable } from './errors.ts'
import { optionalText, type PortRow, portRow, readVlans, uuid, uuids, vlanColumns } from './port-row.ts'

/** One instant of the switch: all tables are read in one transaction. */
export interface Snapshot {
  ports: ReadonlyMap<string, SeenPort>
  /** For the message about a port that is a member of a bond: interface name → port name. */
  members: ReadonlyMap<string, string>
  /** Counts the changes that were asked for, and those that ovs-vswitchd has put in force. */
  nextCfg: number
  curCfg: number
}

export interface SeenPort {
  row: PortRow
  state: PortState
  /**
   * An interface that ovs-vswitchd has said nothing about, neither a state nor an error: after a restart of the database
   * this lasts until ovs-vswitchd is back. Until then nobody knows whether the port is up.
   */
  unknown: string | null
}

const select = (table: string, columns: readonly string[]): Operation => ({
  op: 'select',
  table,
  where: [],
  columns,
})

const reads: readonly Operation[] = [
  select('Open_vSwitch', ['next_cfg', 'cur_cfg']),
  select('Bridge', ['ports']),
  select('Port', ['_uuid', 'name', 'interfaces', ...vlanColumns]),
  select('Interface', ['_uuid', 'name', 'admin_state', 'error']),
]

const rows = z.tuple([
  z.tuple([z.object({ next_cfg: z.int(), cur_cfg: z.int() })]),
  z.array(z.object({ ports: uuids })),
  z.array(portRow),
  z.array(z.object({ _uuid: uuid, name: z.string(), admin_state: optionalText, error: optionalText })),
])

/** @throws switch-unreachable, switch-auth, switch-refused */
export async function readSnapshot(client: OvsdbClient): Promise<Snapshot> {
  const { address } = client.target
  const outcomes = await client.transact(reads)
  const failure = failureOf(outcomes)
  if (failure) throw refused(address, `select ${reads[failure.index]?.table ?? ''}`, failure.said)
  const parsed = rows.safeParse(outcomes.slice(0, reads.length).map((one) => one?.rows))
  if (!parsed.success) {
    throw refused(
      address,
      'select',
      `its rows are not those of Open vSwitch (${parsed.error.issues[0]?.path.join('.')})`,
    )
  }
  const [[{ next_cfg, cur_cfg }], bridges, ports, interfaces] = parsed.data
  const bridged = new Set(bridges.flatMap((bridge) => bridge.ports))
  const up = new Set(interfaces.filter((one) => one.admin_state === 'up').map((one) => one._uuid))
  const silent = interfaces.filter((one) => one.admin_state === null && one.error === null)
  const unknown = new Set(silent.map((one) => one._uuid))
  const names = new Map(interfaces.map((one) => [one._uuid, one.name]))
  const found = ports.filter((row) => bridged.has(row.uuid))
  return {
    // An interface that is missing or broken has an error and no state, and passes nothing.
    ports: new Map(
      found.map((row) => [
        row.name,
        {
          row,
          unknown: row.interfaces.find((id) => unknown.has(id)) ?? null,
          state: { ...readVlans(row), enabled: row.interfaces.some((id) => up.has(id)) },
        },
      ]),
    ),
    members: new Map(found.flatMap((row) => row.interfaces.map((id) => [names.get(id) ?? id, row.name]))),
    nextCfg: next_cfg,
    curCfg: cur_cfg,
  }
}

/**
 * Waits until ovs-vswitchd says what state an interface has.
 * @throws switch-unreachable when it does not, in the time of a request
 */
export async function stateKnown(client: OvsdbClient, interfaceId: string, port: string): Promise<void> {
  const { requestMs } = client.timeouts
  const wait = {
    op: 'wait',
    timeout: requestMs,
    table: 'Interface',
    where: [['_uuid', '==', ['uuid', interfaceId]]],
    columns: ['admin_state', 'error'],
    until: '!=',
    rows: [{ admin_state: ['set', []], error: ['set', []] }],
  }
  const outcomes = await client.transact([wait], { extraMs: 1_000 })
  if (failureOf(outcomes)) {
    throw unreachable(client.target.address, `its ovs-vswitchd does not say whether port ${port} is up`)
  }
}

import { FerruleError } from '../domain/errors.ts'
import type { Host } from '../domain/host.ts'
import { wiredPorts, writtenPorts } from '../domain/host.ts'
import type { InstanceNic } from '../domain/instance.ts'
import type { WantedPort } from '../domain/port-plan.ts'
import { describePort, pxePort, quarantinePort, tenantPort } from '../domain/port-plan.ts'
import type { PortResult } from '../drivers/switch/types.ts'
import { insertEvent } from '../store/events.ts'
import { lagsOfHost } from '../store/lags.ts'
import { enterLedger, keepInLedger, ledgerConflicts, ledgerOfHost } from '../store/ledger.ts'
import { operationById } from '../store/operations.ts'
import type { SwitchRow } from '../store/racks.ts'
import { withSwitch } from './hold.ts'
import type { Tools } from './tools.ts'

/** Where a host's ports are put. */
export type PortPlan = (row: SwitchRow, port: string) => WantedPort

export const pxePlan: PortPlan = (row) => pxePort(row.pxeVlan)
export const quarantinePlan: PortPlan = (row) => quarantinePort(row.quarantineVlan)
/** @param lags by switch id, of a system whose bond is 802.3ad */
export const tenantPlan =
  (nics: readonly InstanceNic[], lags: Readonly<Record<string, number>>): PortPlan =>
  (row) =>
    tenantPort(nics, lags[row.id])

/**
 * Every wired port of a host, and every port on which the ledger still knows it, into one state: written, read back and
 * saved, switch by switch side by side. If one fails the error names it, and nothing is assumed about the others.
 */
export async function ensureHostPorts(
  tools: Tools,
  host: Host,
  operationId: string,
  plan: PortPlan,
): Promise<PortResult[]> {
  const bySwitch = new Map<string, Set<string>>()
  const ledger = await ledgerOfHost(tools.db, host.id)
  for (const { switchId, port } of [...wiredPorts(host), ...ledger]) {
    bySwitch.set(switchId, (bySwitch.get(switchId) ?? new Set()).add(port))
  }
  if (bySwitch.size === 0) throw notWired(host)
  const results = await Promise.allSettled(
    [...bySwitch].map(async ([switchId, ports]) => {
      const { ports: engine, row } = await tools.openSwitch(switchId)
      const wanted = new Map([...ports].map((port) => [port, plan(row, port)]))
      const found = await withSwitch(tools, switchId, operationId, (lease) =>
        engine.ensurePorts(lease, wanted),
      )
      return found.map((result) => ({ ...result, switchId }))
    }),
  )
  const done = results.flatMap((result) => (result.status === 'fulfilled' ? result.value : []))
  await noteChanges(tools, host, operationId, done)
  const failed = results.find((result) => result.status === 'rejected')
  if (failed) throw failed.reason
  return done
}

/** Evidence: what each port was and is, as it was read back. */
async function noteChanges(
  tools: Tools,
  host: Host,
  operationId: string,
  results: readonly (PortResult & { switchId: string })[],
): Promise<void> {
  const changed = results.filter((result) => result.changed)
  if (changed.length === 0) return
  const lines = changed.map(
    ({ switchId, port, before, after }) =>
      `${switchId} ${port} was ${describePort(before)}, is ${describePort(after)}`,
  )
  const instanceId = (await operationById(tools.db, operationId))?.instanceId
  await insertEvent(tools.db, {
    kind: 'ports.changed',
    operationId,
    hostId: host.id,
    // the VLANs of its server are a tenant's own story
    ...(instanceId ? { instanceId } : {}),
    message: `${lines.join('; ')}: read back and saved`,
    data: { ports: changed.map(({ switchId, port, before, after }) => ({ switchId, port, before, after })) },
  })
}

export function notWired(host: Host): FerruleError {
  return new FerruleError(
    'check-failed',
    `no NIC of ${host.name} is wired to a switch port in the rack file`,
    'Add the host to the rack configuration ("ferrule rack apply").',
    { host: host.name },
  )
}

/** Tenant VLANs onto the ports: the ledger first, so that a half-done write is never forgotten. */
export async function enterTenantVlans(
  tools: Tools,
  host: Host,
  operationId: string,
  instanceId: string,
  nics: readonly InstanceNic[],
): Promise<PortResult[]> {
  await refuseLedgerConflicts(tools, nics, instanceId)
  const rows = writtenPorts(host).flatMap(({ switchId, port }) =>
    nics.map((nic) => ({ switchId, port, vlan: nic.vlan, networkId: nic.networkId })),
  )
  await enterLedger(tools.db, rows, { instanceId, hostId: host.id })
  const results = await ensureHostPorts(
    tools,
    host,
    operationId,
    tenantPlan(nics, await lagsOfHost(tools.db, host.id)),
  )
  await keepInLedger(
    tools.db,
    host.id,
    nics.map((nic) => nic.vlan),
  )
  return results
}

/** All tenant VLANs off every port that knows the host; only a verified, saved read-back clears the ledger. */
export async function parkPorts(
  tools: Tools,
  host: Host,
  operationId: string,
  where: 'pxe' | 'quarantine',
): Promise<PortResult[]> {
  const results = await ensureHostPorts(tools, host, operationId, where === 'pxe' ? pxePlan : quarantinePlan)
  await keepInLedger(tools.db, host.id, [])
  return results
}

/** CloudStack may have given a VLAN to another network while our port still carries it for the old one. */
export async function refuseLedgerConflicts(
  tools: Tools,
  nics: readonly InstanceNic[],
  instanceId: string,
): Promise<void> {
  const fault = await ledgerFault(tools, nics, instanceId)
  if (fault) throw fault
}

export async function ledgerFault(
  tools: Pick<Tools, 'db'>,
  nics: readonly InstanceNic[],
  instanceId: string,
): Promise<FerruleError | null> {
  const [conflict] = await ledgerConflicts(tools.db, nics, instanceId)
  if (!conflict) return null
  return new FerruleError(
    'vlan-in-ledger',
    `VLAN ${conflict.vlan} is still on port ${conflict.port} of switch ${conflict.switchId} for another network (host ${conflict.host}, since ${conflict.since.toISOString()})`,
    `Wait until that port is parked ("ferrule why host ${conflict.host}"), or use another VLAN.`,
    { vlan: conflict.vlan, port: conflict.port, switch: conflict.switchId, host: conflict.host },
  )
}

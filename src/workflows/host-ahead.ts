import { wiredPorts } from '../domain/host.ts'
import { runningVlans } from '../domain/recovery/ports.ts'
import type { MaasMachine } from '../maas/types.ts'
import { hostById } from '../store/hosts.ts'
import { ledgerByHost, type UnfinishedOperation } from '../store/recovery.ts'
import { operationOf } from './seen-machines.ts'
import { portKey, seePorts } from './seen-ports.ts'
import type { Tools } from './tools.ts'

/**
 * The ledger is written before a port, and a step's beginning before its effect: the world is never ahead of them. Only
 * VLANs of the operation's own instance count; any other one on the port was put there by somebody else.
 */
export async function hostIsAhead(
  tools: Tools,
  operation: UnfinishedOperation,
  machines: readonly MaasMachine[],
): Promise<string | null> {
  const host = operation.hostId === null ? null : await hostById(tools.db, operation.hostId)
  if (!host) return null
  const name = `${operation.kind} ${operation.number}`
  const machine = machines.find((one) => one.systemId === host.systemId)
  if (
    operation.kind === 'deploy' &&
    machine &&
    operationOf(tools, machine) === operation.number &&
    ['Deploying', 'Deployed', 'Failed deployment'].includes(machine.status) &&
    !operation.deployBegun
  )
    return `${host.name} is ${machine.status} in MAAS by ${name}, which has not come to that by the records`
  const rows = (await ledgerByHost(tools.db)).get(host.id) ?? []
  const ports = await seePorts(tools, wiredPorts(host))
  for (const port of ports.values()) {
    const here = rows.filter((row) => portKey(row) === portKey(port)).map((row) => row.vlan)
    const unknown = runningVlans(port).find((vlan) => operation.vlans.includes(vlan) && !here.includes(vlan))
    if (unknown !== undefined)
      return `port ${port.port} of switch ${port.switchId} (${host.name}) carries VLAN ${unknown}, which ${name} has not put there by the records`
  }
  return null
}

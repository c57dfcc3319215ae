import type { InstanceNic } from '../domain/instance.ts'
import type { Outcome, Saga, StepContext } from '../saga/types.ts'
import { letGoHold } from '../store/holds.ts'
import { instanceById, setInstanceNics } from '../store/instances.ts'
import { endOperation } from '../store/operations.ts'
import { holdHost } from './hold.ts'
import { joinFaults, networkFaults, settled } from './install-checks.ts'
import { leaveNumber, ourMachine } from './maas-machine.ts'
import { enterTenantVlans } from './ports.ts'
import { preMadeLagFaults } from './pre-made-lags.ts'
import type { Tools } from './tools.ts'

export interface NetworkInput {
  instanceId: string
  hostId: string
  /** All NICs as they are to be. */
  nics: InstanceNic[]
  /** All NICs as they were. */
  before: InstanceNic[]
  /** A stopped, parked host carries no VLANs: only the plan changes, and start applies it. */
  parked: boolean
}

type Context = StepContext<NetworkInput, object>

/** A7: the network's VLAN tagged on the same ports. */
export const attach: Saga<Tools, NetworkInput, object> = {
  ref: 'attach@1',
  steps: [
    {
      name: 'check',
      title: 'Check VLAN fences, ledger and MACs',
      do: check,
      undo: { none: 'it only reads' },
    },
    { name: 'ports', title: 'Add the VLAN to every port', do: addVlan, undo: asBefore },
    { name: 'record', title: 'Record the new NIC', do: record, undo: forget },
  ],
  settle,
}

/** A8: the network's VLAN leaves the ports. */
export const detach: Saga<Tools, NetworkInput, object> = {
  ref: 'detach@1',
  // CloudStack gives the VLAN away whatever becomes of this: half-way is worse than forward
  oneWayFrom: 'ports',
  steps: [
    {
      name: 'check',
      title: 'Check that the machine is ours',
      do: checkOurs,
      undo: { none: 'it only reads' },
    },
    {
      name: 'ports',
      title: 'Take the VLAN off every port',
      do: setPorts,
      undo: { none: 'one-way: the VLAN may be another tenant’s already and is never put back from memory' },
    },
    {
      name: 'record',
      title: 'Record that the NIC is gone',
      do: record,
      undo: { none: 'one-way: the VLAN is not on the ports any more' },
    },
  ],
  settle,
}

async function check(tools: Tools, context: Context): Promise<undefined> {
  const { host } = await holdHost(tools, context)
  const faults = await networkFaults(tools, host, context.input.nics, context.input.instanceId)
  if (!context.input.parked) faults.push(...(await settled(preMadeLagFaults(tools, host))))
  if (faults.length > 0) throw joinFaults(faults)
  await ourMachine(tools, host)
  return undefined
}

async function checkOurs(tools: Tools, context: Context): Promise<undefined> {
  const { host } = await holdHost(tools, context)
  await ourMachine(tools, host)
  return undefined
}

async function addVlan(tools: Tools, context: Context): Promise<undefined> {
  if (context.input.parked) return undefined
  const { host, lease } = await holdHost(tools, context)
  await leaveNumber(tools, host, lease, context.operation.number)
  return setPorts(tools, context)
}

async function setPorts(tools: Tools, context: Context): Promise<undefined> {
  if (context.input.parked) return undefined
  const { host } = await holdHost(tools, context)
  await enterTenantVlans(tools, host, context.operation.id, context.input.instanceId, context.input.nics)
  return undefined
}

/** The host runs: its other networks must go on. Only VLANs that it had all the time come back. */
async function asBefore(tools: Tools, context: Context): Promise<void> {
  if (context.input.parked) return
  const { host } = await holdHost(tools, context)
  await enterTenantVlans(tools, host, context.operation.id, context.input.instanceId, context.input.before)
}

async function record(tools: Tools, context: Context): Promise<undefined> {
  await setInstanceNics(tools.db, context.input.instanceId, context.input.nics)
  return undefined
}

async function forget(tools: Tools, context: Context): Promise<void> {
  await setInstanceNics(tools.db, context.input.instanceId, context.input.before)
}

async function settle(tools: Tools, context: Context, outcome: Outcome): Promise<void> {
  const instance = await instanceById(tools.db, context.input.instanceId)
  await tools.db.transaction(async (client) => {
    if (instance) await letGoHold(client, context.input.hostId, context.operation.id)
    await endOperation(
      client,
      context.operation.id,
      outcome.state,
      outcome.state === 'succeeded' ? null : outcome.error,
    )
  })
}

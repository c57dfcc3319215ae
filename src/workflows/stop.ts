import { FerruleError } from '../domain/errors.ts'
import type { Saga, StepContext } from '../saga/types.ts'
import { letGoHold } from '../store/holds.ts'
import { setAttention } from '../store/hosts.ts'
import { setClear, setInstanceState } from '../store/instances.ts'
import { endOperation } from '../store/operations.ts'
import { holdHost } from './hold.ts'
import { offOrQuarantine, restOrQuarantine } from './off-or-quarantine.ts'
import { parkPorts } from './ports.ts'
import { softOff } from './power.ts'
import type { Tools } from './tools.ts'

export interface StopInput {
  instanceId: string
  hostId: string
  /** False only where every network of the instance keeps its VLAN (shared, L2) and the policy says so. */
  park: boolean
}

type Context = StepContext<StopInput, object>

const none = { none: 'stop is one-way: CloudStack frees the VLAN whatever we answer' }

/** A21: soft, then hard, then off every tenant VLAN. */
export const stop: Saga<Tools, StopInput, object> = {
  ref: 'stop@1',
  oneWayFrom: 'soft-off',
  steps: [
    { name: 'soft-off', title: 'Ask the system to shut down', do: askToShutDown, undo: none },
    { name: 'hard-off', title: 'Power off, confirmed by the BMC', do: hardOff, undo: none },
    // a freed VLAN may be another tenant's in a minute
    { name: 'park-ports', title: 'Tenant VLANs off every port', do: park, undo: none },
  ],
  settle,
}

async function askToShutDown(tools: Tools, context: Context): Promise<undefined> {
  const { host, lease } = await holdHost(tools, context)
  try {
    const obeyed = await softOff(tools, host, lease)
    if (!obeyed)
      await context.note(`${host.name} did not shut down by itself in time: it is switched off hard`)
  } catch (error) {
    if (!(error instanceof FerruleError) || error.code === 'lease-lost') throw error
    // politeness must not stand in the way of the next step, which cuts the network if the BMC stays silent
    await context.note(`${host.name} could not be asked to shut down: ${error.message}`)
  }
  return undefined
}

async function hardOff(tools: Tools, context: Context): Promise<undefined> {
  const { host, lease } = await holdHost(tools, context)
  await offOrQuarantine(tools, host, lease, context)
  return undefined
}

async function park(tools: Tools, context: Context): Promise<undefined> {
  if (!context.input.park) return undefined
  const { host, lease } = await holdHost(tools, context)
  // whoever presses its power button must not boot the tenant's system in the PXE VLAN
  await restOrQuarantine(tools, host, lease, context)
  await parkPorts(tools, host, context.operation.id, 'pxe')
  return undefined
}

async function settle(tools: Tools, context: Context): Promise<void> {
  const { instanceId, hostId } = context.input
  await tools.db.transaction(async (client) => {
    await setInstanceState(client, instanceId, 'stopped')
    if (context.input.park) await setClear(client, instanceId, true)
    await setAttention(client, hostId, null)
    await letGoHold(client, hostId, context.operation.id)
    await endOperation(client, context.operation.id, 'succeeded', null)
  })
}

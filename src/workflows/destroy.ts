import { type Attention, dirtyKeys, type Host } from '../domain/host.ts'
import type { Saga, StepContext } from '../saga/types.ts'
import type { Queryable } from '../store/database.ts'
import { clearDirty, endTenancy, letGoHold } from '../store/holds.ts'
import { hostById, setAttention, setMaasEventSeen } from '../store/hosts.ts'
import { lockInstance, setInstanceState } from '../store/instances.ts'
import { endOperation } from '../store/operations.ts'
import { redeclaredSince } from '../store/racks.ts'
import type { EraseInput, EraseState } from './erase.ts'
import { judgeEvidence, noteOldEvidence, restoreAndRelease, startErase, waitForErase } from './erase.ts'
import { bootFromNetwork, restHost } from './host-steps.ts'
import { newestEvent } from './maas-machine.ts'
import { parkAndClear, powerOff } from './take-down.ts'
import type { Tools } from './tools.ts'

type Context = StepContext<EraseInput, EraseState>

const none = { none: 'destroy is one-way: going back would bring a tenant back to life' }

/** A22: one-way from its first step; every step is tried until done, or parked for a person to look at. */
export const destroy: Saga<Tools, EraseInput, EraseState> = {
  ref: 'destroy@1',
  oneWayFrom: 'power-off',
  steps: [
    // MAAS skips its own power-off when its cached state is stale, and would call a running host released
    { name: 'power-off', title: 'Power off, confirmed by the BMC', do: powerOff, undo: none },
    // before the PXE VLAN is back: else the tenant's system could boot there
    { name: 'boot-network', title: 'Boot device network', do: bootFromNetwork, undo: none },
    // MAAS can only erase what it can boot; an unverified port stops here, alarmed
    { name: 'park-ports', title: 'Tenant VLANs off every port, PXE VLAN back', do: parkAndClear, undo: none },
    // evidence must be newer than what is there now
    { name: 'note-evidence', title: 'Note what evidence there is already', do: noteOldEvidence, undo: none },
    // with two scripts MAAS keeps their output, and a failure is "Releasing failed", not Ready
    { name: 'release', title: 'Release in MAAS with erase', do: startErase, undo: none },
    // the tenant's system may have booted instead: MAAS alone would believe it
    { name: 'wait-erased', title: 'Wait until MAAS has erased the disks', do: waitForErase, undo: none },
    // at once: Ready is anybody's, and only the owner may mark a machine broken
    { name: 'judge', title: 'Allocate, and judge the evidence of every disk', do: judgeEvidence, undo: none },
    // bonds and disk layouts survive a release; the next tenant must not inherit a MAC, nor a layout
    {
      name: 'restore-network',
      title: "MAAS's network config and disk layout back as commissioned",
      do: restoreAndRelease,
      undo: none,
    },
    {
      name: 'rest',
      title: 'Resting state: off, PXE VLAN, boot device network',
      do: restHost,
      undo: none,
    },
  ],
  settle,
}

/** Last: only now may the planner choose the host again. */
async function settle(tools: Tools, context: Context): Promise<void> {
  const { hostId, instanceId } = context.input
  const host = await hostById(tools.db, hostId)
  const newest = host?.systemId ? await newestEvent(tools, host.systemId) : 0
  await tools.db.transaction(async (client) => {
    if (host) {
      await clearDirty(client, dirtyKeys(host))
      await setAttention(client, hostId, await leftAttention(client, host, context.input))
      await setMaasEventSeen(client, hostId, newest)
    }
    await endTenancy(client, hostId)
    await letGoHold(client, hostId, context.operation.id)
    // a deploy that failed stays visible as failed with its reason; only what was to be destroyed is gone
    if (instanceId && (await lockInstance(client, instanceId)) === 'destroying')
      await setInstanceState(client, instanceId, 'destroyed')
    await endOperation(client, context.operation.id, 'succeeded', null)
  })
}

/** What the operation before it has found out, unless the rack file was corrected meanwhile. */
async function leftAttention(
  db: Queryable,
  { nics }: Host,
  { leaves }: EraseInput,
): Promise<Attention | null> {
  if (!leaves) return null
  const macs = nics.map(({ mac }) => mac)
  return (await redeclaredSince(db, macs, leaves.since)) ? null : leaves
}

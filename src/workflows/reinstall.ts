import { dirtyKeys } from '../domain/host.ts'
import type { Instance } from '../domain/instance.ts'
import type { Outcome, Saga, StepContext } from '../saga/types.ts'
import type { Queryable } from '../store/database.ts'
import { clearDirty, dirtyMarks, endTenancy, letGoHold } from '../store/holds.ts'
import { hostById, setAttention, setMaasEventSeen } from '../store/hosts.ts'
import {
  instanceById,
  lockInstance,
  setClear,
  setInstalledSystem,
  setInstanceNics,
  setInstanceState,
} from '../store/instances.ts'
import { endOperation, operationById } from '../store/operations.ts'
import { claimAgain } from './claim.ts'
import { judgeEvidence, noteOldEvidence, restoreMaasNetwork, startErase, waitForErase } from './erase.ts'
import { holdHost } from './hold.ts'
import { bootFromDisk, bootFromNetwork, restHost, switchOff, switchOn } from './host-steps.ts'
import {
  abortDeployment,
  allocate,
  markDisksDirty,
  planNics,
  releaseIfClean,
  startDeployment,
  undoNicsIfClean,
} from './install.ts'
import type { ReinstallInput, ReinstallState } from './install-state.ts'
import { waitForDeployed, waitForHandOver } from './install-system.ts'
import { newestEvent, systemIdOf } from './maas-machine.ts'
import { isHolder, passToDestroy } from './pass-to-destroy.ts'
import { checkBeforeReinstall } from './reinstall-check.ts'
import { parkAndClear, powerOff } from './take-down.ts'
import { confirmRunning, connectTenant, disconnectTenant } from './tenant-networks.ts'
import type { Tools } from './tools.ts'

type Context = StepContext<ReinstallInput, ReinstallState>

const none = { none: 'one-way: the old system is given up, and what is erased does not come back' }

/**
 * Destroy's way down to proven blank disks, and deploy's way up again, on the same host: hold and tenancy are kept all
 * the time. One-way until the erase is proven; what fails after that is undone to a resting host that stays the
 * instance's, for another reinstall or a destroy.
 */
export const reinstall: Saga<Tools, ReinstallInput, ReinstallState> = {
  ref: 'reinstall@1',
  oneWayFrom: 'power-off',
  oneWayTo: 'clear-mark',
  steps: [
    // while the old system is still there: an image that is missing must not cost it
    {
      name: 'check',
      title: 'Check everything before the first effect',
      do: checkBeforeReinstall,
      undo: { none: 'it only reads' },
    },
    // MAAS skips its own power-off when its cached state is stale, and would call a running host released
    { name: 'power-off', title: 'Power off, confirmed by the BMC', do: powerOff, undo: none },
    // before the PXE VLAN is back: else the old system could boot there
    { name: 'boot-network', title: 'Boot device network', do: bootFromNetwork, undo: none },
    // MAAS can only erase what it can boot
    { name: 'park-ports', title: 'Tenant VLANs off every port, PXE VLAN back', do: parkAndClear, undo: none },
    { name: 'note-evidence', title: 'Note what evidence there is already', do: noteOldEvidence, undo: none },
    { name: 'release', title: 'Release in MAAS with erase', do: startErase, undo: none },
    { name: 'wait-erased', title: 'Wait until MAAS has erased the disks', do: waitForErase, undo: none },
    // at once, and allocated from here on: Ready is anybody's
    { name: 'judge', title: 'Allocate, and judge the evidence of every disk', do: judgeEvidence, undo: none },
    // the MAC of the default NIC may be another one now
    {
      name: 'restore-network',
      title: "MAAS's network config back as commissioned",
      do: restoreMaasNetwork,
      undo: none,
    },
    // from here to the next mark the host is as clean as one of the pool, and an undo leaves it so
    { name: 'clear-mark', title: 'The disks are proven erased', do: clearMark, undo: none },
    // last of all undos: whatever was begun, the host rests; the disk layout stays, as the host stays the instance's
    {
      name: 'allocate',
      title: "The offering's disk layout, if it has one, and the machine allocated in MAAS",
      do: allocate,
      undo: restAndRelease,
    },
    {
      name: 'rest',
      title: 'Ports on the PXE VLAN, boot device network, off',
      do: restHost,
      undo: { none: 'this is the state that every undo aims at' },
    },
    { name: 'nic-plan', title: "Bond with CloudStack's MAC in MAAS", do: planNics, undo: undoNicsIfClean },
    {
      name: 'mark-dirty',
      title: 'Mark the disks as dirty',
      do: markDisksDirty,
      undo: { none: 'only evidence of an erase clears the mark' },
    },
    { name: 'deploy', title: 'Start the deployment in MAAS', do: startDeployment, undo: abortDeployment },
    {
      name: 'wait-deployed',
      title: 'Wait until MAAS says Deployed',
      do: waitForDeployed,
      undo: { none: 'it only waits' },
    },
    {
      name: 'wait-hand-over',
      title: 'Wait until the server switches itself off',
      do: waitForHandOver,
      undo: { none: 'it only waits' },
    },
    // CloudStack may have stopped it meanwhile, or given its VLANs to somebody else
    {
      name: 'claim',
      title: 'Ask whether it is to run, and in which VLANs',
      do: claimAgain,
      undo: { none: 'the end says whether the instance is clear' },
    },
    {
      name: 'ports',
      title: 'Ports on the tenant VLANs, if it is to run',
      do: connect,
      undo: disconnectTenant,
    },
    {
      name: 'boot-disk',
      title: 'Boot device disk, if it is to run',
      do: ifItRuns(bootFromDisk),
      undo: { none: 'undo of the ports sets network' },
    },
    { name: 'power-on', title: 'Power on, if it is to run', do: ifItRuns(switchOn), undo: switchOff },
    {
      name: 'confirm',
      title: 'Confirm that it runs on its network',
      do: ifItRuns(confirmRunning),
      undo: { none: 'it only reads' },
    },
  ],
  settle,
}

/** The evidence is judged, so nothing of the old system is left; what MAAS did until now it did for us. */
async function clearMark(tools: Tools, context: Context): Promise<undefined> {
  const { host } = await holdHost(tools, context)
  const newest = await newestEvent(tools, systemIdOf(host))
  await tools.db.transaction(async (client) => {
    await clearDirty(client, dirtyKeys(host))
    await setAttention(client, host.id, null)
    await setMaasEventSeen(client, host.id, newest)
  })
  return undefined
}

async function restAndRelease(tools: Tools, context: Context): Promise<void> {
  await restHost(tools, context)
  await releaseIfClean(tools, context)
}

/** A server that is to stay stopped rests as after a stop: its next start brings the VLANs of that day. */
async function connect(tools: Tools, context: Context): Promise<undefined> {
  return context.state.run ? connectTenant(tools, context) : restHost(tools, context)
}

function ifItRuns(step: (tools: Tools, context: Context) => Promise<undefined>) {
  return async (tools: Tools, context: Context): Promise<undefined> =>
    context.state.run ? step(tools, context) : undefined
}

async function settle(tools: Tools, context: Context, outcome: Outcome): Promise<void> {
  const { hostId, instanceId } = context.input
  const host = await hostById(tools.db, hostId)
  const newest = host?.systemId ? await newestEvent(tools, host.systemId).catch(() => 0) : 0
  const error = outcome.state === 'succeeded' ? null : outcome.error
  await tools.db.transaction(async (client) => {
    if (!host || !(await isHolder(client, hostId, context.operation.id))) return
    await lockInstance(client, instanceId)
    const operation = await operationById(client, context.operation.id)
    if (operation?.cancelRequested === 'destroy') {
      if ((await dirtyMarks(client, dirtyKeys(host))).length > 0) {
        await setInstanceState(client, instanceId, 'destroying')
        await passToDestroy(tools, client, context.operation, context.input)
      } else {
        await setInstanceState(client, instanceId, 'destroyed')
        await endTenancy(client, hostId)
      }
    } else await settleInstance(client, context, outcome)
    await setMaasEventSeen(client, hostId, newest)
    await letGoHold(client, hostId, context.operation.id)
    await endOperation(client, context.operation.id, outcome.state, error)
  })
}

async function settleInstance(client: Queryable, { input, state }: Context, outcome: Outcome): Promise<void> {
  const { instanceId, templateId, was } = input
  if (outcome.state === 'succeeded') {
    await setInstalledSystem(client, instanceId, { systemNics: state.tagged ?? null, templateId })
    await setInstanceNics(client, instanceId, state.nics ?? input.nics)
    await setInstanceState(client, instanceId, state.run ? 'running' : 'stopped')
    await setClear(client, instanceId, !state.run)
  } else if (state.certificateId === undefined) {
    // refused before its first effect
    await setInstanceState(client, instanceId, was.state, was.error)
  } else {
    const instance = await instanceById(client, instanceId)
    await setInstanceState(client, instanceId, 'failed', failure(instance?.name ?? '', outcome.error))
    await setClear(client, instanceId, true)
  }
}

function failure(name: string, error: NonNullable<Instance['error']>): NonNullable<Instance['error']> {
  const { code, message, remedy } = error
  const then = `Its old system is erased and it keeps its host: "ferrule instance reinstall ${name}", or destroy it.`
  return { code, message, remedy: code === 'cancelled' ? then : `${remedy} ${then}` }
}

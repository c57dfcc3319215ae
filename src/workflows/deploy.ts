import { FerruleError } from '../domain/errors.ts'
import { dirtyKeys } from '../domain/host.ts'
import { defaultNic } from '../domain/instance.ts'
import type { Saga, StepContext } from '../saga/types.ts'
import { dirtyMarks, markDirty } from '../store/holds.ts'
import { checkBeforeDeploy } from './deploy-checks.ts'
import { chooseAndHold, handOverToDestroy, settleDeploy } from './deploy-host.ts'
import type { DeployInput, DeployState } from './deploy-state.ts'
import { claimByCreate, handOverFor, waitForDeployed, waitForHandOver } from './deploy-system.ts'
import { holdHost, holdHostIfAny } from './hold.ts'
import {
  ANNOTATION_INSTANCE,
  ensureAllocated,
  isAllocatedBy,
  lastWords,
  ourMachine,
  pollMachine,
  releasePlain,
  systemIdOf,
} from './maas-machine.ts'
import { ensureNicPlan, undoNicPlan } from './nic-plan.ts'
import { ensureHostPorts, enterTenantVlans, parkPorts, pxePlan } from './ports.ts'
import { ensureBootDevice, ensureOff, ensureOn, readPower } from './power.ts'
import type { Tools } from './tools.ts'

type Context = StepContext<DeployInput, DeployState>

/** A19: from an offering to a running server, with CloudStack's MAC, on its tenant's VLANs. */
export const deploy: Saga<Tools, DeployInput, DeployState> = {
  ref: 'deploy@1',
  steps: [
    // one owner for everything later: only here are hold, tenancy and dirty mark settled
    { name: 'choose-host', title: 'Choose a host and hold it', do: chooseAndHold, undo: handOverToDestroy },
    {
      name: 'check',
      title: 'Check everything before the first effect',
      do: checkBeforeDeploy,
      undo: { none: 'it only reads' },
    },
    { name: 'allocate', title: 'Allocate the machine in MAAS', do: allocate, undo: releaseIfClean },
    // MAAS must be able to boot it, and nobody else's VLAN may be left on its ports
    {
      name: 'rest',
      title: 'Ports on the PXE VLAN, boot device network, off',
      do: rest,
      undo: { none: 'this is the state that every undo aims at' },
    },
    // editable only in Ready and Allocated; a changed physical MAC would hang deploy and erase
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
    // Deployed only means that user-data was asked for: cutting the first boot short corrupts disks
    {
      name: 'wait-hand-over',
      title: 'Wait until the server switches itself off',
      do: waitForHandOver,
      undo: { none: 'it only waits' },
    },
    // CloudStack may have given up, or given the VLAN to somebody else, while MAAS installed
    {
      name: 'claim',
      title: 'Wait for CloudStack to claim the server',
      do: claimByCreate,
      undo: { none: 'it only reads' },
    },
    // off, so that no frame of this host is in flight while its VLANs change
    { name: 'ports', title: 'Ports on the tenant VLANs', do: connectTenant, undo: disconnectTenant },
    {
      name: 'boot-disk',
      title: 'Boot device disk',
      do: bootFromDisk,
      undo: { none: 'destroy sets network before the PXE VLAN is back' },
    },
    { name: 'power-on', title: 'Power on', do: switchOn, undo: switchOff },
    {
      name: 'confirm',
      title: 'Confirm that it runs on its network',
      do: confirmRunning,
      undo: { none: 'it only reads' },
    },
  ],
  settle: settleDeploy,
}

async function allocate(tools: Tools, context: Context): Promise<Partial<DeployState>> {
  const { host, lease } = await holdHost(tools, context)
  await ensureAllocated(tools, host, lease, context.operation.number, {
    [ANNOTATION_INSTANCE]: context.input.instanceId,
  })
  return { systemId: systemIdOf(host) }
}

/** A machine that was never deployed is back in Ready at once; a dirty one is left to destroy. */
async function releaseIfClean(tools: Tools, context: Context): Promise<void> {
  const held = await holdHostIfAny(tools, context)
  if (!held || (await isDirty(tools, held.host))) return
  const machine = await ourMachine(tools, held.host)
  // somebody else's allocation may be why ours failed: it is not ours to release
  if (machine.status === 'Allocated' && (await isAllocatedBy(tools, machine, context.operation.number)))
    await releasePlain(tools, held.host, held.lease, `undo of operation ${context.operation.number}`)
}

async function rest(tools: Tools, context: Context): Promise<undefined> {
  const { host, lease } = await holdHost(tools, context)
  await ensureOff(tools, host, lease)
  await ensureHostPorts(tools, host, context.operation.id, pxePlan)
  await ensureBootDevice(tools, host, lease, 'network')
  return undefined
}

async function planNics(tools: Tools, context: Context): Promise<Partial<DeployState>> {
  const { host, lease } = await holdHost(tools, context)
  const mac = context.state.defaultMac
  if (!mac)
    throw new FerruleError(
      'internal',
      'the check step left no default MAC',
      'Report this with the operation number.',
    )
  const bond = await ensureNicPlan(tools, host, lease, mac)
  for (const note of bond.notes) await context.note(note)
  return { bond: bond.name }
}

async function undoNicsIfClean(tools: Tools, context: Context): Promise<void> {
  const held = await holdHostIfAny(tools, context)
  if (!held || (await isDirty(tools, held.host))) return
  const machine = await ourMachine(tools, held.host)
  if (machine.status === 'Allocated' || machine.status === 'Ready')
    await undoNicPlan(tools, held.host, held.lease)
}

async function markDisksDirty(tools: Tools, context: Context): Promise<undefined> {
  const { host } = await holdHost(tools, context)
  await markDirty(tools.db, dirtyKeys(host), `instance ${context.input.hostname}`, context.operation.id)
  return undefined
}

async function startDeployment(tools: Tools, context: Context): Promise<undefined> {
  const { host, lease } = await holdHost(tools, context)
  const machine = await ourMachine(tools, host)
  if (machine.status === 'Deploying' || machine.status === 'Deployed') return undefined
  if (machine.status !== 'Allocated') {
    throw new FerruleError(
      'maas-state',
      `${host.name} is ${machine.status} in MAAS where Allocated was expected`,
      'Look at the machine in MAAS: somebody else changed it.',
      { status: machine.status },
    )
  }
  const userData = await handOverFor(tools, context)
  await tools.maas.deploy(lease, machine.systemId, {
    distroSeries: context.input.image,
    userData,
    comment: `instance ${context.input.hostname}`,
  })
  return undefined
}

/** Abort is legal in Deploying only. Nothing else is asked of MAAS until its power action has ended. */
async function abortDeployment(tools: Tools, context: Context): Promise<void> {
  const held = await holdHostIfAny(tools, context)
  if (!held || !(await isDirty(tools, held.host))) return
  const { host, lease } = held
  const machine = await ourMachine(tools, host)
  if (machine.status === 'Deploying') {
    await tools.maas.abort(lease, machine.systemId, `undo of operation ${context.operation.number}`)
    await pollMachine(tools, machine.systemId, {
      until: (now) => now.status !== 'Deploying',
      deadline: tools.now() + tools.policy.deadlines.release,
      what: 'abort of the deployment',
    })
  }
  await ensureOff(tools, host, lease)
}

async function connectTenant(tools: Tools, context: Context): Promise<undefined> {
  const { host, lease } = await holdHost(tools, context)
  await ensureOff(tools, host, lease)
  await enterTenantVlans(
    tools,
    host,
    context.operation.id,
    context.input.instanceId,
    context.state.nics ?? [],
  )
  return undefined
}

async function disconnectTenant(tools: Tools, context: Context): Promise<void> {
  const held = await holdHostIfAny(tools, context)
  if (!held) return
  await ensureOff(tools, held.host, held.lease)
  // the boot device first: else the tenant's system could boot in the PXE VLAN
  await ensureBootDevice(tools, held.host, held.lease, 'network')
  await parkPorts(tools, held.host, context.operation.id, 'pxe')
}

async function bootFromDisk(tools: Tools, context: Context): Promise<undefined> {
  const { host, lease } = await holdHost(tools, context)
  await ensureBootDevice(tools, host, lease, 'disk')
  return undefined
}

async function switchOn(tools: Tools, context: Context): Promise<undefined> {
  const { host, lease } = await holdHost(tools, context)
  await ensureOn(tools, host, lease)
  return undefined
}

async function switchOff(tools: Tools, context: Context): Promise<void> {
  const held = await holdHostIfAny(tools, context)
  if (held) await ensureOff(tools, held.host, held.lease)
}

/** Power is proof; a learned MAC is evidence for `why`, and its absence only a warning: some switches do not show it. */
async function confirmRunning(tools: Tools, context: Context): Promise<undefined> {
  const { host } = await holdHost(tools, context)
  if ((await readPower(tools, host)) !== 'on') {
    throw new FerruleError(
      'power-stuck',
      `${host.name} was switched on, but its BMC says off again`,
      'Look at the console of the host: it does not stay on.',
      { host: host.name, maas: await lastWords(tools, systemIdOf(host)) },
    )
  }
  const mac = defaultNic(context.state.nics ?? [])?.mac
  await context.note(`${host.name} is on; its network answers to ${mac ?? 'no MAC'}`)
  return undefined
}

async function isDirty(tools: Tools, host: Parameters<typeof dirtyKeys>[0]): Promise<boolean> {
  return (await dirtyMarks(tools.db, dirtyKeys(host))).length > 0
}

import { FerruleError } from '../domain/errors.ts'
import type { Host } from '../domain/host.ts'
import { dirtyKeys } from '../domain/host.ts'
import type { TaggedNic } from '../domain/instance.ts'
import { defaultNic, taggedNics } from '../domain/instance.ts'
import type { HostLease } from '../domain/lease.ts'
import type { TenantSeed } from '../domain/tenant-data.ts'
import type { StepContext } from '../saga/types.ts'
import { dirtyMarks, markDirty } from '../store/holds.ts'
import { setMaasEventSeen } from '../store/hosts.ts'
import { instanceById } from '../store/instances.ts'
import { activitySince } from './deploy-checks.ts'
import { ensureDiskLayout, layoutFault, restoreDiskLayout } from './disk-layout.ts'
import { holdHost, holdHostIfAny } from './hold.ts'
import type { InstallInput, InstallState } from './install-state.ts'
import { handOverFor } from './install-system.ts'
import {
  ANNOTATION_INSTANCE,
  ensureAllocated,
  isAllocatedBy,
  ourMachine,
  pollMachine,
  releasePlain,
  systemIdOf,
} from './maas-machine.ts'
import { ensureNicPlan, undoNicPlan } from './nic-plan.ts'
import { ensureOff, tellToSwitchOn } from './power.ts'
import type { Tools } from './tools.ts'

/** From a clean, held host to an installation under way in MAAS: shared by deploy and reinstall. */
type Context = StepContext<InstallInput, InstallState>

export async function allocate(tools: Tools, context: Context): Promise<Partial<InstallState>> {
  const { host, lease } = await holdHost(tools, context)
  const { number } = context.operation
  await ensureDiskLayout(tools, host, lease, number, context.input.diskLayout ?? null)
  await ensureAllocated(tools, host, lease, number, {
    [ANNOTATION_INSTANCE]: context.input.instanceId,
  })
  return { systemId: systemIdOf(host) }
}

/** A machine that was never deployed is back in Ready at once; a dirty one is left to whoever erases it. */
export async function releaseIfClean(tools: Tools, context: Context): Promise<void> {
  const held = await holdHostIfAny(tools, context)
  if (!held || (await isDirty(tools, held.host))) return
  const machine = await ourMachine(tools, held.host)
  // somebody else's allocation may be why ours failed: it is not ours to release
  if (machine.status === 'Allocated' && (await isAllocatedBy(tools, machine, context.operation.number)))
    await releaseUnbooted(tools, held.host, held.lease, `undo of operation ${context.operation.number}`)
}

/**
 * MAAS tells a release as "Releasing" where it takes the machine for switched on, as it tells one after which the disks are
 * of unknown history. This one is ours, of a machine that nothing has booted: it is called seen, unless somebody else was there.
 */
async function releaseUnbooted(tools: Tools, host: Host, lease: HostLease, comment: string): Promise<void> {
  const systemId = systemIdOf(host)
  const others = await activitySince(tools, systemId, host.maasEventSeen)
  await releasePlain(tools, host, lease, comment)
  if (others !== null) return
  const events = await tools.maas.events(systemId, { limit: 20 })
  // what came after it is not ours
  const ours = events.find(({ type }) => type === 'Released' || type === 'Releasing')
  if (ours) await setMaasEventSeen(tools.db, host.id, ours.id)
}

/** A host that stays clean goes back to the pool as it was commissioned; a dirty one is left to whoever erases it. */
export async function releaseAsCommissioned(tools: Tools, context: Context): Promise<void> {
  await releaseIfClean(tools, context)
  const held = await holdHostIfAny(tools, context)
  if (!held || (await isDirty(tools, held.host))) return
  // in any other status it is somebody else's; what is left on record is taken back before the next installation
  const machine = await ourMachine(tools, held.host)
  if (machine.status === 'Ready') await restoreDiskLayout(tools, held.host, held.lease)
}

/** The bond in MAAS; the tagged interfaces come with the hand-over, and are fixed here. */
export async function planNics(tools: Tools, context: Context): Promise<Partial<InstallState>> {
  const { host, lease } = await holdHost(tools, context)
  const mac = context.state.defaultMac
  if (!mac)
    throw new FerruleError(
      'internal',
      'the check step left no default MAC',
      'Report this with the operation number.',
    )
  const bond = await ensureNicPlan(tools, host, lease, mac, context.input.bondMode ?? 'active-backup')
  for (const note of bond.notes) await context.note(note)
  return { bond: bond.name, tagged: await taggedNow(tools, context) }
}

/** Of the default network only: it is where the installed system looks for its user data otherwise. */
async function seedOf(tools: Tools, { input }: Context): Promise<TenantSeed | null> {
  const instance = await instanceById(tools.db, input.instanceId)
  const nic = defaultNic(input.nics ?? instance?.nics ?? [])
  if (!instance?.externalId || !nic) return null
  const data = await tools.tenantData(instance.externalId, nic.id)
  return data && { ...data, instanceId: instance.externalId }
}

/** A reinstall was told its NICs; a deploy's are the instance's, which a repeated create may have changed. */
async function taggedNow(tools: Tools, { input }: Context): Promise<TaggedNic[]> {
  const nics = input.nics ?? (await instanceById(tools.db, input.instanceId))?.nics ?? []
  return taggedNics(nics).map(({ vlan, mac, ip6 }) => ({ vlan, mac, ...(ip6 === undefined ? {} : { ip6 }) }))
}

export async function undoNicsIfClean(tools: Tools, context: Context): Promise<void> {
  const held = await holdHostIfAny(tools, context)
  if (!held || (await isDirty(tools, held.host))) return
  const machine = await ourMachine(tools, held.host)
  if (machine.status === 'Allocated' || machine.status === 'Ready')
    await undoNicPlan(tools, held.host, held.lease)
}

export async function markDisksDirty(tools: Tools, context: Context): Promise<undefined> {
  const { host } = await holdHost(tools, context)
  await markDirty(tools.db, dirtyKeys(host), `instance ${context.input.hostname}`, context.operation.id)
  return undefined
}

export async function startDeployment(tools: Tools, context: Context): Promise<undefined> {
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
  const unlike = context.input.diskLayout && layoutFault(host, machine, context.input.diskLayout)
  if (unlike) throw unlike
  const seed = await seedOf(tools, context)
  if (seed) await context.note("the tenant's user data and SSH keys come with the installation")
  await tellToSwitchOn(tools, host, lease)
  await tools.maas.deploy(lease, machine.systemId, {
    distroSeries: context.input.image,
    userData: handOverFor(context, context.state.tagged ?? (await taggedNow(tools, context)), seed),
    comment: `instance ${context.input.hostname}`,
  })
  return undefined
}

/** Abort is legal in Deploying only. Nothing else is asked of MAAS until its power action has ended. */
export async function abortDeployment(tools: Tools, context: Context): Promise<void> {
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

async function isDirty(tools: Tools, host: Host): Promise<boolean> {
  return (await dirtyMarks(tools.db, dirtyKeys(host))).length > 0
}

import type { EraseCertificate } from '../domain/erase/evidence.ts'
import { eraseCertificate, judgeErase } from '../domain/erase/evidence.ts'
import { verifyParameters, verifyScript, verifyScriptName } from '../domain/erase/verify-script.ts'
import { FerruleError } from '../domain/errors.ts'
import type { Attention, Host } from '../domain/host.ts'
import type { HostLease } from '../domain/lease.ts'
import type { ErasePolicy } from '../domain/offering.ts'
import type { MaasMachine } from '../maas/types.ts'
import type { StepContext } from '../saga/types.ts'
import { insertCertificate } from '../store/certificates.ts'
import { setAttention } from '../store/hosts.ts'
import { restoreDiskLayout } from './disk-layout.ts'
import { holdHost } from './hold.ts'
import {
  ANNOTATION_OPERATION,
  agentName,
  ensureAllocated,
  lastWords,
  ourMachine,
  pollMachine,
  releasable,
  releasePlain,
  systemIdOf,
} from './maas-machine.ts'
import { undoNicPlan } from './nic-plan.ts'
import { ensureHostPorts, pxePlan, quarantinePlan } from './ports.ts'
import { ensureBootDevice, ensureOff, tellToSwitchOn } from './power.ts'
import type { Tools } from './tools.ts'

/** Shared by destroy and enlist: from a powered-off host with parked ports to a certificate. */
export interface EraseState {
  hostId: string
  systemId: string
  /** MAAS's newest release result set before this erase: evidence must be newer. */
  resultsBefore: number
  certificateId: string
}

export interface EraseInput {
  hostId: string
  instanceId: string | null
  erase: ErasePolicy
  /** Why the host needs a person once it is erased: what the operation before it has found out. */
  leaves?: Attention
}

type Context = StepContext<EraseInput, EraseState>

/** A step of its own, recorded before the release: a repeated release must not take its own result for an old one. */
export async function noteOldEvidence(tools: Tools, context: Context): Promise<Partial<EraseState>> {
  const { host } = await holdHost(tools, context)
  await refuseGlobalSwitch(tools, context.input.erase)
  await tools.maas.ensureScript({
    name: verifyScriptName,
    type: 'release',
    content: verifyScript,
    timeoutSeconds: 3600,
  })
  return {
    hostId: host.id,
    systemId: systemIdOf(host),
    resultsBefore: await newestReleaseResult(tools, systemIdOf(host)),
  }
}

/** Release with erase, and our own verify script beside MAAS's wipe. */
export async function startErase(tools: Tools, context: Context): Promise<undefined> {
  const { host, lease } = await holdHost(tools, context)
  await ensureErasing(tools, context, host, lease)
  return undefined
}

/** When MAAS's global switch is on, it replaces what a release asks for: a full erase could silently become a quick one. */
export async function refuseGlobalSwitch(tools: Tools, wanted: ErasePolicy): Promise<void> {
  if ((await tools.maas.getConfig('enable_disk_erasing_on_release')) !== true) return
  const [secure, quick] = await Promise.all([
    tools.maas.getConfig('disk_erase_with_secure_erase'),
    tools.maas.getConfig('disk_erase_with_quick_erase'),
  ])
  const effective: ErasePolicy = quick === true ? 'quick' : secure === true ? 'secure' : 'full'
  if (effective === wanted) return
  throw new FerruleError(
    'check-failed',
    `MAAS's global setting enable_disk_erasing_on_release would turn this ${wanted} erase into a ${effective} one`,
    'Switch the global setting off in MAAS; Ferrule asks for the right erase with every release.',
  )
}

async function newestReleaseResult(tools: Tools, systemId: string): Promise<number> {
  const sets = await tools.maas.results(systemId, 'release')
  return Math.max(0, ...sets.map((set) => set.id))
}

const underWay: readonly MaasMachine['status'][] = ['Releasing', 'Disk erasing']

/** Idempotent: an erase that this operation has begun is left running. */
async function ensureErasing(tools: Tools, context: Context, host: Host, lease: HostLease): Promise<void> {
  let machine = await ourMachine(tools, host)
  const begun = await eraseBegun(tools, context, machine)
  if (begun) return
  if (machine.status === 'Deploying') {
    await tools.maas.abort(lease, machine.systemId, agentName(context.operation.number))
    machine = await pollMachine(tools, machine.systemId, {
      until: (now) => now.status !== 'Deploying',
      deadline: tools.now() + tools.policy.deadlines.release,
      what: 'abort of the deployment',
    })
    await ensureOff(tools, host, lease)
  }
  if (machine.status === 'Ready')
    machine = await ensureAllocated(tools, host, lease, context.operation.number, {})
  if (!releasable.includes(machine.status)) {
    throw new FerruleError(
      'maas-state',
      `${host.name} is ${machine.status} in MAAS and cannot be released`,
      'Wait for MAAS to end what it does, or abort it there.',
      { host: host.name, status: machine.status },
    )
  }
  await tools.maas.setAnnotations(lease, machine.systemId, {
    [ANNOTATION_OPERATION]: String(context.operation.number),
  })
  await tellToSwitchOn(tools, host, lease)
  await tools.maas.release(lease, machine.systemId, {
    comment: agentName(context.operation.number),
    erase: context.input.erase,
    scripts: [verifyScriptName],
    parameters: verifyParameters({
      serials: host.disks.map((disk) => disk.serial),
      method: context.input.erase,
      seed: context.operation.number,
    }),
  })
}

/** Under way, or over already with a result set that is newer than the erase that we were to begin. */
async function eraseBegun(tools: Tools, context: Context, machine: MaasMachine): Promise<boolean> {
  if (underWay.includes(machine.status)) return true
  const before = context.state.resultsBefore
  if (machine.status !== 'Ready' || before === undefined) return false
  return (await newestReleaseResult(tools, machine.systemId)) > before
}

/**
 * MAAS sets no limit of its own on erasing; we do. The end that we wait for is Ready (or Releasing failed); "Deployed
 * again" is a failure. Before a retry the host is off, its ports verified and its boot device network.
 */
export async function waitForErase(tools: Tools, context: Context): Promise<undefined> {
  const { host, lease } = await holdHost(tools, context)
  const systemId = systemIdOf(host)
  if (context.attempt > 1) await prepareRetry(tools, context, host, lease)
  const begun = tools.now()
  let signOfPxe = false
  const before = await newestPxeEvent(tools, systemId)
  const machine = await pollMachine(tools, systemId, {
    what: `erase of ${host.name}`,
    deadline: begun + tools.policy.deadlines.erase,
    until: (now) => !underWay.includes(now.status),
    onLook: async () => {
      signOfPxe ||=
        (await newestPxeEvent(tools, systemId)) > 0 &&
        (context.attempt === 1 || (await newestPxeEvent(tools, systemId)) > before)
      if (signOfPxe || tools.now() - begun < tools.policy.deadlines.pxeSign) return
      await secureAndAbort(tools, context, host, lease)
      throw new FerruleError(
        'deadline',
        `${host.name} shows no sign of a network boot for its erase: its old system may have booted instead`,
        'Look at its console, its boot NIC and its port; the erase is tried again.',
        { host: host.name },
      )
    },
  }).catch(async (error: unknown) => {
    if (error instanceof FerruleError && error.code === 'deadline')
      await secureAndAbort(tools, context, host, lease)
    throw error
  })
  if (machine.status === 'Ready') return undefined
  // our verify script said no: its output is the evidence, and judging it is the next step's
  if (machine.status === 'Releasing failed' && (await hasNewResult(tools, context, systemId)))
    return undefined
  throw new FerruleError(
    'erase-unproven',
    `erasing ${host.name} ended as ${machine.status} in MAAS (${await lastWords(tools, systemId)})`,
    'Read the release scripts’ output in MAAS; the erase is tried again, and the host is not used until it is proven.',
    {
      host: host.name,
      status: machine.status,
    },
  )
}

async function hasNewResult(tools: Tools, context: Context, systemId: string): Promise<boolean> {
  return (await newestReleaseResult(tools, systemId)) > (context.state.resultsBefore ?? 0)
}

async function newestPxeEvent(tools: Tools, systemId: string): Promise<number> {
  const events = await tools.maas.events(systemId, { limit: 10 })
  return Math.max(
    0,
    ...events.filter((event) => event.type === 'Performing PXE boot').map((event) => event.id),
  )
}

/** A host that may run its old system must not do so in the PXE VLAN; its ports first, for its BMC may not answer. */
async function secureAndAbort(tools: Tools, context: Context, host: Host, lease: HostLease): Promise<void> {
  await ensureHostPorts(tools, host, context.operation.id, quarantinePlan)
  await ensureOff(tools, host, lease)
  const machine = await tools.maas.machine(systemIdOf(host))
  if (machine.status === 'Disk erasing')
    await tools.maas.abort(lease, machine.systemId, agentName(context.operation.number))
}

async function prepareRetry(tools: Tools, context: Context, host: Host, lease: HostLease): Promise<void> {
  const machine = await ourMachine(tools, host)
  if (underWay.includes(machine.status)) return
  await ensureOff(tools, host, lease)
  await ensureBootDevice(tools, host, lease, 'network')
  await ensureHostPorts(tools, host, context.operation.id, pxePlan)
  if (machine.status === 'Broken') {
    // a broken machine is nobody's: allocated again before its erase, it is ours to mark broken again
    await tools.maas.markFixed(lease, machine.systemId, agentName(context.operation.number))
    await ensureAllocated(tools, host, lease, context.operation.number, {})
  }
  await ensureErasing(tools, context, host, lease)
}

/** Allocates at once, then believes only what the verify script saw on every disk of the inventory. */
export async function judgeEvidence(tools: Tools, context: Context): Promise<Partial<EraseState>> {
  const { host, lease } = await holdHost(tools, context)
  const systemId = systemIdOf(host)
  if (context.attempt > 1) await eraseAgain(tools, context, host)
  const machine = await ensureAllocated(tools, host, lease, context.operation.number, {})
  const certificate = await certify(tools, context, host)
  const id = context.attempt === 1 ? context.operation.id : tools.newId()
  await insertCertificate(tools.db, {
    id,
    hostId: host.id,
    operationId: context.operation.id,
    instanceId: context.input.instanceId,
    proven: certificate.proven,
    body: certificate,
  })
  if (certificate.proven) return { certificateId: id }
  const reasons = certificate.disks
    .filter((disk) => !disk.proven)
    .map((disk) => `${disk.name}: ${disk.reason}`)
  const message = `the erase of ${host.name} is not proven: ${[...reasons, ...certificate.faults].join('; ')}`
  // after a second failure it is nobody's, which MAAS refuses; Releasing failed keeps it from everybody just as well
  if (machine.owner !== null) await tools.maas.markBroken(lease, systemId, message.slice(0, 200))
  // a failed release script leaves the machine running
  await ensureOff(tools, host, lease)
  await ensureHostPorts(tools, host, context.operation.id, quarantinePlan)
  const remedy = `Look at the disks; then retry ("ferrule operation retry ${context.operation.number}"), or replace the disk.`
  await setAttention(tools.db, host.id, {
    code: 'erase-unproven',
    message,
    remedy,
    since: new Date(tools.now()).toISOString(),
  })
  throw new FerruleError('erase-unproven', message, remedy, { host: host.name })
}

/** After an erase that was not proven, or that failed on its second try: from the start, watched as the first one was. */
async function eraseAgain(tools: Tools, context: Context, host: Host): Promise<void> {
  const machine = await ourMachine(tools, host)
  if (machine.status === 'Ready' || machine.status === 'Allocated') return
  await waitForErase(tools, context)
}

async function certify(tools: Tools, context: Context, host: Host): Promise<EraseCertificate> {
  const systemId = systemIdOf(host)
  const sets = (await tools.maas.results(systemId, 'release')).filter(
    (set) => set.id > (context.state.resultsBefore ?? 0),
  )
  const newest = sets.sort((a, b) => b.id - a.id)[0]
  const evidence = judgeErase({
    inventory: host.disks.map((disk) => ({ name: disk.name, serial: disk.serial, size: disk.size })),
    method: context.input.erase,
    results: newest?.results ?? [],
  })
  return eraseCertificate({
    host: host.name,
    systemId,
    operation: context.operation.number,
    instanceId: context.input.instanceId,
    evidence,
    at: new Date(tools.now()).toISOString(),
  })
}

/** Still allocated, so that nobody takes the machine in between; and it stays so. */
export async function restoreMaasNetwork(tools: Tools, context: Context): Promise<undefined> {
  const { host, lease } = await holdHost(tools, context)
  const machine = await ourMachine(tools, host)
  if (machine.status !== 'Allocated') {
    // e.g. Releasing failed, because the power-off after a proven erase came too late: editable only when allocated
    await releasePlain(tools, host, lease, agentName(context.operation.number))
    await ensureAllocated(tools, host, lease, context.operation.number, {})
  }
  await undoNicPlan(tools, host, lease)
  return undefined
}

/** Then back to Ready, without another erase; only there MAAS changes a disk layout. */
export async function restoreAndRelease(tools: Tools, context: Context): Promise<undefined> {
  const { host, lease } = await holdHost(tools, context)
  const machine = await ourMachine(tools, host)
  const bonded = machine.interfaces.some((one) => one.type === 'bond')
  // a repeat finds it released already
  if (bonded || machine.status === 'Allocated') await restoreMaasNetwork(tools, context)
  await releasePlain(tools, host, lease, agentName(context.operation.number))
  await restoreDiskLayout(tools, host, lease)
  return undefined
}

import { FerruleError } from '../domain/errors.ts'
import { dirtyKeys, wiredPorts } from '../domain/host.ts'
import type { ErasePolicy } from '../domain/offering.ts'
import type { MaasMachine } from '../maas/types.ts'
import type { Outcome, Saga, StepContext } from '../saga/types.ts'
import { insertEvent } from '../store/events.ts'
import { clearDirty, dirtyMarks, letGoHold, markDirty } from '../store/holds.ts'
import {
  deleteHost,
  hostById,
  setAttention,
  setInventory,
  setMaasEventSeen,
  setPool,
  setSystemId,
} from '../store/hosts.ts'
import { endOperation } from '../store/operations.ts'
import { cableFaults, learnedFaults, wrongCables } from './cable-faults.ts'
import type { EraseState } from './erase.ts'
import { judgeEvidence, noteOldEvidence, restoreAndRelease, startErase, waitForErase } from './erase.ts'
import { findMachine } from './find-machine.ts'
import { holdHost } from './hold.ts'
import {
  installationTag,
  lastWords,
  newestEvent,
  ourMachine,
  ownershipFault,
  pollMachine,
} from './maas-machine.ts'
import { maasPower } from './maas-power.ts'
import { ensureHostPorts, notWired, pxePlan } from './ports.ts'
import { ensureBootDevice, ensureOff, readPower, tellToSwitchOn } from './power.ts'
import { preMadeLagFaults } from './pre-made-lags.ts'
import type { Tools } from './tools.ts'

export interface EnlistInput {
  hostId: string
  instanceId: null
  systemId: string | null
  erase: ErasePolicy
  /** A named person's word that the disks hold nothing: recorded instead of an erase. */
  disksClean: { by: string; reason: string } | null
  bmcPassword?: never
}

export interface EnlistState extends EraseState {
  /** Found in MAAS by system id, MAC or BMC address; null: created by us. */
  adopted: boolean
  readOnly: boolean
  trusted: boolean
  /** Cables that its switches contradicted while it was commissioned, in words. */
  learnedElsewhere: string[]
}

type Context = StepContext<EnlistInput, EnlistState>

const stays = { none: 'a machine is never deleted from MAAS by us' }
const erasing = { none: 'from here on the host is ours: an erase is tried until it is proven, or parked' }

/** A3, A4: create in MAAS, or pick up the machine that MAAS already has; never a duplicate. */
export const enlist: Saga<Tools, EnlistInput, EnlistState> = {
  ref: 'enlist@1',
  oneWayFrom: 'note-evidence',
  steps: [
    // before anything is created: a wrong BMC password must not leave a record with it in MAAS
    { name: 'bmc', title: 'Ask the BMC with its password', do: askBmc, undo: { none: 'it only reads' } },
    {
      name: 'find-or-create',
      title: 'Find the machine in MAAS, or create it',
      do: findOrCreate,
      undo: stays,
    },
    { name: 'mark', title: 'Mark it as ours in MAAS', do: markOurs, undo: unmark },
    {
      name: 'ports',
      title: 'Ports on the PXE VLAN, boot device network',
      do: rest,
      undo: { none: 'the PXE VLAN is where an unused port belongs' },
    },
    { name: 'commission', title: 'Commission', do: commission, undo: abortCommissioning },
    {
      name: 'inventory',
      title: 'Read inventory and cables',
      do: readInventory,
      undo: { none: 'it only reads' },
    },
    {
      name: 'mark-dirty',
      title: 'Disks of unknown history are dirty',
      do: markUnknownDisks,
      undo: { none: 'only evidence clears the mark' },
    },
    {
      name: 'note-evidence',
      title: 'Note what evidence there is already',
      do: unlessClean(noteOldEvidence),
      undo: erasing,
    },
    { name: 'release', title: 'Release in MAAS with erase', do: unlessClean(startErase), undo: erasing },
    {
      name: 'wait-erased',
      title: 'Wait until MAAS has erased the disks',
      do: unlessClean(waitForErase),
      undo: erasing,
    },
    {
      name: 'judge',
      title: 'Judge the evidence of every disk',
      do: unlessClean(judgeEvidence),
      undo: erasing,
    },
    { name: 'restore-network', title: 'Back to Ready', do: unlessClean(restoreAndRelease), undo: erasing },
    { name: 'rest', title: 'Resting state: off, PXE VLAN, boot device network', do: rest, undo: erasing },
  ],
  settle,
}

async function askBmc(tools: Tools, context: Context): Promise<undefined> {
  const { host } = await holdHost(tools, context)
  // MAAS can only be asked about a machine that has been found there
  if (host.bmc.protocol !== 'maas') await readPower(tools, host)
  return undefined
}

async function findOrCreate(tools: Tools, context: Context): Promise<Partial<EnlistState>> {
  const { host, lease } = await holdHost(tools, context)
  const found = await findMachine(tools, host, context.input.systemId)
  // before MAAS learns of it: a host without a port can never be used
  if (found?.status !== 'Deployed' && wiredPorts(host).length === 0) throw notWired(host)
  // its other NICs are known after commissioning, and in a LAG without fallback it could not be commissioned
  const [fault] = await preMadeLagFaults(tools, host, { nicsKnown: false })
  if (fault) throw fault
  const machine =
    found ??
    (await tools.maas.createMachine(lease, {
      hostname: host.name,
      architecture: `${host.architecture}/generic`,
      macs: host.nics.map((nic) => nic.mac),
      power: await maasPower(tools, host),
    }))
  await setSystemId(tools.db, host.id, machine.systemId)
  return {
    hostId: host.id,
    systemId: machine.systemId,
    adopted: found !== null,
    readOnly: machine.status === 'Deployed',
  }
}

async function markOurs(tools: Tools, context: Context): Promise<undefined> {
  const { host, lease } = await holdHost(tools, context)
  const machine = await tools.maas.machine(host.systemId ?? '')
  const fault = ownershipFault(tools, host, { ...machine, tags: [...machine.tags, installationTag(tools)] })
  if (fault) throw fault
  await tools.maas.addTag(lease, machine.systemId, installationTag(tools))
  return undefined
}

async function unmark(tools: Tools, context: Context): Promise<void> {
  const { host, lease } = await holdHost(tools, context)
  if (host.systemId) await tools.maas.removeTag(lease, host.systemId, installationTag(tools))
}

/** A machine adopted while Deployed is looked at, never touched. */
async function rest(tools: Tools, context: Context): Promise<undefined> {
  if (context.state.readOnly) return undefined
  const { host, lease } = await holdHost(tools, context)
  await ensureOff(tools, host, lease)
  await ensureHostPorts(tools, host, context.operation.id, pxePlan)
  await ensureBootDevice(tools, host, lease, 'network')
  return undefined
}

async function commission(tools: Tools, context: Context): Promise<Partial<EnlistState>> {
  if (context.state.readOnly) return {}
  const { host, lease } = await holdHost(tools, context)
  let machine = await ourMachine(tools, host)
  if (isCommissioned(machine)) return {}
  if (machine.status !== 'Commissioning') {
    if (!commissionable.has(machine.status)) {
      throw new FerruleError(
        'maas-state',
        `${host.name} is ${machine.status} in MAAS and cannot be commissioned`,
        'Release or abort it in MAAS, then add the host again.',
        { host: host.name, status: machine.status },
      )
    }
    await tellToSwitchOn(tools, host, lease)
    machine = await tools.maas.commission(lease, machine.systemId)
  }
  const elsewhere = new Set<string>()
  let said = ''
  const done = await pollMachine(tools, machine.systemId, {
    what: `commissioning of ${host.name}`,
    deadline: context.startedAt + tools.policy.deadlines.commission,
    until: (now) => now.status !== 'Commissioning',
    onLook: async ({ statusMessage }) => {
      await context.checkCancelled()
      if (!statusMessage || statusMessage === said) return
      said = statusMessage
      // it speaks now: the switches have the newest word, and the only one where LLDP is off
      for (const fault of await learnedFaults(tools, host)) elsewhere.add(fault)
    },
  })
  if (done.status === 'Ready') return { learnedElsewhere: [...elsewhere] }
  throw new FerruleError(
    'maas-state',
    `commissioning of ${host.name} ended as ${done.status} (${await lastWords(tools, done.systemId)})`,
    'Read the commissioning results in MAAS; check boot NIC, cable and PXE VLAN.',
    { host: host.name, status: done.status },
  )
}

const commissionable: ReadonlySet<string> = new Set(['New', 'Ready', 'Failed commissioning', 'Broken'])

function isCommissioned(machine: MaasMachine): boolean {
  return machine.status === 'Ready' && machine.cpuCount > 0 && machine.disks.length > 0
}

async function abortCommissioning(tools: Tools, context: Context): Promise<void> {
  const { host, lease } = await holdHost(tools, context)
  if (!host.systemId || context.state.readOnly) return
  const machine = await tools.maas.machine(host.systemId)
  if (machine.status === 'Commissioning')
    await tools.maas.abort(lease, machine.systemId, `undo of operation ${context.operation.number}`)
  await ensureOff(tools, host, lease)
}

async function readInventory(tools: Tools, context: Context): Promise<Partial<EnlistState>> {
  const { host } = await holdHost(tools, context)
  const machine = await ourMachine(tools, host)
  const declared = [
    host.cpuCount > 0 && host.cpuCount !== machine.cpuCount
      ? `${host.cpuCount} CPUs declared, ${machine.cpuCount} found`
      : '',
    host.memoryMib > 0 && host.memoryMib !== machine.memoryMiB
      ? `${host.memoryMib} MiB declared, ${machine.memoryMiB} found`
      : '',
  ].filter((line) => line !== '')
  if (declared.length > 0) await context.note(`${host.name}: ${declared.join('; ')}; what was found counts`)
  await setInventory(tools.db, host.id, {
    cpuCount: machine.cpuCount,
    cpuSpeedMhz: machine.cpuSpeedMhz,
    memoryMib: machine.memoryMiB,
    architecture: machine.architecture.split('/')[0] ?? host.architecture,
    interfaces: machine.interfaces
      .filter((one) => one.type === 'physical')
      .map((one) => ({ name: one.name, mac: one.mac })),
    disks: machine.disks.map((disk) => ({
      name: disk.name,
      serial: disk.serial,
      model: disk.model,
      size: disk.size,
    })),
  })
  const fresh = await hostById(tools.db, host.id)
  const found = fresh ? await cableFaults(tools, fresh) : []
  const faults = [...new Set([...found, ...(context.state.learnedElsewhere ?? [])])]
  if (faults.length > 0)
    throw wrongCables(host, faults, 'Correct the cables or the rack file, then add the host again.')
  return { trusted: context.input.disksClean !== null }
}

async function markUnknownDisks(tools: Tools, context: Context): Promise<undefined> {
  const { host } = await holdHost(tools, context)
  const trust = context.input.disksClean
  if (context.state.readOnly || (trust && (await dirtyMarks(tools.db, dirtyKeys(host))).length === 0)) {
    if (trust)
      await insertEvent(tools.db, {
        kind: 'host.disks-clean',
        hostId: host.id,
        operationId: context.operation.id,
        message: `${trust.by} says that the disks of ${host.name} are clean: ${trust.reason}`,
      })
    return undefined
  }
  await markDirty(tools.db, dirtyKeys(host), 'came to us with unknown disks', context.operation.id)
  return undefined
}

/** Erasing is skipped only for a read-only host, and where a person's word was recorded and no mark of ours speaks against it. */
function unlessClean<R extends Partial<EnlistState> | undefined>(
  step: (tools: Tools, context: Context) => Promise<R>,
) {
  return async (tools: Tools, context: Context): Promise<R | undefined> => {
    if (context.state.readOnly) return undefined
    const { host } = await holdHost(tools, context)
    if (context.state.trusted && (await dirtyMarks(tools.db, dirtyKeys(host))).length === 0) return undefined
    return step(tools, context)
  }
}

async function settle(tools: Tools, context: Context, outcome: Outcome): Promise<void> {
  const { hostId } = context.input
  const host = await hostById(tools.db, hostId)
  const newest = host?.systemId && outcome.state === 'succeeded' ? await newestEvent(tools, host.systemId) : 0
  await tools.db.transaction(async (client) => {
    await letGoHold(client, hostId, context.operation.id)
    if (outcome.state === 'succeeded' && host) {
      if (!context.state.readOnly) await clearDirty(client, dirtyKeys(host))
      await setPool(client, hostId, !context.state.readOnly, context.state.readOnly ?? false)
      await setAttention(client, hostId, null)
      await setMaasEventSeen(client, hostId, newest)
      await endOperation(client, context.operation.id, 'succeeded', null)
      return
    }
    // everything undone: the same call works once the cause is gone, and finds the machine in MAAS by its MAC
    await endOperation(
      client,
      context.operation.id,
      outcome.state === 'succeeded' ? 'undone' : outcome.state,
      outcome.state === 'succeeded' ? null : outcome.error,
    )
    await deleteHost(client, hostId)
  })
}

import type { Difference, ObservedHost, WantedHost } from '../domain/drift.ts'
import { differences, wantedHost, wantedPort } from '../domain/drift.ts'
import type { ErrorCode } from '../domain/errors.ts'
import { FerruleError, isTransient } from '../domain/errors.ts'
import { dirtyKeys } from '../domain/host.ts'
import type { InstanceNic } from '../domain/instance.ts'
import type { Outcome, Saga, StepContext } from '../saga/types.ts'
import { letGoHold, markDirty } from '../store/holds.ts'
import { hostSituations } from '../store/hosts.ts'
import { instanceById, setInstanceNics } from '../store/instances.ts'
import { keepInLedger } from '../store/ledger.ts'
import { endOperation } from '../store/operations.ts'
import { holdHost } from './hold.ts'
import { joinFaults, networkFaults, settled } from './install-checks.ts'
import { leaveNumber, ourMachine } from './maas-machine.ts'
import { observeHost } from './observe-host.ts'
import { atRest, orQuarantine, restGivenUp } from './off-or-quarantine.ts'
import type { PortPlan } from './ports.ts'
import { ensureHostPorts, enterTenantVlans } from './ports.ts'
import { ensureBootDevice, ensureOff, ensureOn, softOff } from './power.ts'
import { preMadeLagFaults } from './pre-made-lags.ts'
import type { Tools } from './tools.ts'

export interface HealInput {
  hostId: string
  instanceId: string | null
  /** Only if a person said so: switching anything on or off is no part of healing. */
  power: boolean
  /** CloudStack's newest word on the NICs of a running instance; null: as recorded. */
  nics: InstanceNic[] | null
}

interface HealState {
  /** From the records as they are under the hold: nothing else changes them meanwhile. */
  wanted: WantedHost
}

type Context = StepContext<HealInput, HealState>

/** What a BMC says that does not obey: some do at the second or third time. A refused login, tried again, would lock us out. */
const STUBBORN: readonly ErrorCode[] = ['power-stuck', 'bmc-refused']

const none = { none: 'what was there before is what is healed' }

/** What differs from the records is brought back to them, in the world; the records are right. */
export const heal: Saga<Tools, HealInput, HealState> = {
  ref: 'heal@1',
  steps: [
    {
      name: 'compare',
      title: 'Compare what is wanted with what is there',
      do: compare,
      undo: { none: 'it only reads' },
    },
    // before the ports: a host that is not confirmed off never gets the PXE VLAN
    {
      name: 'power-off',
      title: 'Power off, if it was asked for',
      do: switchOffIfAsked,
      undo: none,
      triedAgain: STUBBORN,
    },
    { name: 'ports', title: 'Ports as wanted, and saved', do: setPorts, undo: none },
    { name: 'boot-device', title: 'Boot device as wanted', do: setBootDevice, undo: none },
    // after both: what boots now boots in its own networks
    { name: 'power-on', title: 'Power on, if it was asked for', do: switchOnIfAsked, undo: none },
    {
      name: 'record',
      title: 'Record the NICs that the ports carry',
      do: record,
      undo: { none: 'the ports carry them' },
    },
    { name: 'confirm', title: 'Compare once more', do: confirm, undo: { none: 'it only reads' } },
  ],
  settle,
}

async function compare(tools: Tools, context: Context): Promise<Partial<HealState>> {
  const { host } = await holdHost(tools, context)
  await ourMachine(tools, host)
  const [situation] = await hostSituations(tools.db, { id: host.id })
  const instanceId = situation?.tenancy?.instanceId ?? null
  const instance = instanceId ? await instanceById(tools.db, instanceId) : null
  const recorded = wantedHost(
    { host, hold: null, tenancy: situation?.tenancy ?? null, dirty: false },
    instance,
  )
  if ('unknown' in recorded)
    throw new FerruleError(
      'wrong-state',
      `${host.name} cannot be healed: ${recorded.unknown}`,
      `See "ferrule why host ${host.name}".`,
      { host: host.name },
    )
  const wanted = { ...recorded, ...(context.input.nics ? { nics: context.input.nics } : {}) }
  const faults = wanted.nics && instanceId ? await networkFaults(tools, host, wanted.nics, instanceId) : []
  if (wanted.nics) faults.push(...(await settled(preMadeLagFaults(tools, host))))
  if (faults.length > 0) throw joinFaults(faults)
  const observed = await observeHost(tools, host)
  for (const difference of differences(wanted, observed)) await context.note(inWords(difference))
  // whatever ran there ran without us, and may have written
  if (instanceId === null && observed.power === 'on')
    await markDirty(tools.db, dirtyKeys(host), 'found on without an operation', context.operation.id)
  return { wanted }
}

function inWords({ thing, wanted, seen }: Difference): string {
  return `${thing}: ${seen} instead of ${wanted}`
}

function wantedOf({ state }: Context): WantedHost {
  if (state.wanted) return state.wanted
  throw new FerruleError(
    'internal',
    'the compare step left nothing that is wanted',
    'Report this with the operation number.',
  )
}

async function switchOffIfAsked(tools: Tools, context: Context): Promise<undefined> {
  if (!context.input.power || wantedOf(context).power !== 'off') return undefined
  const { host, lease } = await holdHost(tools, context)
  // found on, and not obeying: no undo comes after this step that would bring its ports to safety
  const atOnce = (code: ErrorCode) => !isTransient(code)
  const switchOff = async () => {
    if (context.attempt === 1) await softOff(tools, host, lease)
    await ensureOff(tools, host, lease)
  }
  await orQuarantine(tools, host, context, switchOff, atOnce)
  return undefined
}

async function setPorts(tools: Tools, context: Context): Promise<undefined> {
  const { host, lease } = await holdHost(tools, context)
  const { nics } = wantedOf(context)
  const { instanceId } = context.input
  if (nics && instanceId) {
    await leaveNumber(tools, host, lease, context.operation.number)
    await enterTenantVlans(tools, host, context.operation.id, instanceId, nics)
    return undefined
  }
  await ensureHostPorts(tools, host, context.operation.id, parkingPlan(await observeHost(tools, host)))
  await keepInLedger(tools.db, host.id, [])
  return undefined
}

/** Where each port is parked depends on the power, and where nobody knows it, on where the port is now. */
function parkingPlan({ ports, power }: ObservedHost): PortPlan {
  return (row, port) => {
    const running = ports.find((one) => one.switch === row.address && one.port === port)?.running ?? null
    return wantedPort({ nics: null }, { ...row, switchId: row.id, running }, power)
  }
}

async function setBootDevice(tools: Tools, context: Context): Promise<undefined> {
  const { host, lease } = await holdHost(tools, context)
  await ensureBootDevice(tools, host, lease, wantedOf(context).bootDevice)
  return undefined
}

async function switchOnIfAsked(tools: Tools, context: Context): Promise<undefined> {
  if (!context.input.power || wantedOf(context).power !== 'on') return undefined
  const { host, lease } = await holdHost(tools, context)
  await ensureOn(tools, host, lease)
  return undefined
}

async function record(tools: Tools, { input }: Context): Promise<undefined> {
  if (input.nics && input.instanceId) await setInstanceNics(tools.db, input.instanceId, input.nics)
  return undefined
}

/** What heals by itself must be healed; what only a person can decide stays in the notes. */
async function confirm(tools: Tools, context: Context): Promise<undefined> {
  const { host } = await holdHost(tools, context)
  const observed = await observeHost(tools, host)
  if (observed.power === 'off') await atRest(tools, host)
  const left = differences(wantedOf(context), observed).filter(
    ({ remedy }) => remedy === 'heal' || (remedy === 'heal --power' && context.input.power),
  )
  const open = [...left.map(inWords), ...observed.unread.map(({ thing, message }) => `${thing}: ${message}`)]
  if (open.length === 0) return undefined
  throw new FerruleError(
    'check-failed',
    `${host.name} is not as it should be yet: ${open.join('; ')}`,
    `Somebody else may be changing it. Look at "ferrule drift ${host.name}", then heal it again.`,
    { host: host.name },
  )
}

async function settle(tools: Tools, context: Context, outcome: Outcome): Promise<void> {
  const error = outcome.state === 'succeeded' ? null : outcome.error
  await tools.db.transaction(async (client) => {
    await restGivenUp(client, context.input.hostId)
    await letGoHold(client, context.input.hostId, context.operation.id)
    await endOperation(client, context.operation.id, outcome.state, error)
  })
}

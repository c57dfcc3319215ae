import type { BondMode } from '../domain/bond-plan.ts'
import { FerruleError } from '../domain/errors.ts'
import type { Host } from '../domain/host.ts'
import { dirtyKeys } from '../domain/host.ts'
import { defaultNic } from '../domain/instance.ts'
import type { MaasMachine } from '../maas/types.ts'
import type { StepContext } from '../saga/types.ts'
import { dirtyMarks, markDirty } from '../store/holds.ts'
import { setAttention } from '../store/hosts.ts'
import { instanceById } from '../store/instances.ts'
import { cableFaults, wrongCables } from './cable-faults.ts'
import { cableMark } from './cable-marks.ts'
import { holdHost } from './hold.ts'
import {
  bmcFaults,
  joinFaults,
  machineFaults,
  networkFaults,
  settled,
  systemFaults,
} from './install-checks.ts'
import type { DeployInput, DeployState } from './install-state.ts'
import { takeLags } from './lags.ts'
import { systemIdOf } from './maas-machine.ts'
import type { Tools } from './tools.ts'

/** Every refusal before any effect, and all of them at once. */
export async function checkBeforeDeploy(
  tools: Tools,
  context: StepContext<DeployInput, DeployState>,
): Promise<Partial<DeployState>> {
  const { host } = await holdHost(tools, context)
  const instance = await instanceById(tools.db, context.input.instanceId)
  if (!instance)
    throw new FerruleError(
      'not-found',
      'the instance has no record',
      'Report this with the operation number.',
    )
  const { nics } = instance
  const network = await networkFaults(tools, host, nics, instance.id)
  // MAAS and the BMC side by side: each is asked for what the others do not need
  const rest = await Promise.all([
    settled(systemFaults(tools, context.input, network.length === 0 ? nics : null)),
    settled(freeMachineFaults(tools, host, context.input.bondMode)),
    settled(lyingCables(tools, host)),
    settled(bmcFaults(tools, host)),
  ])
  const faults = [...network, ...rest.flat()]
  if (faults.length > 0) throw joinFaults(faults)
  await takeLags(tools, host, context.input.bondMode ?? 'active-backup')
  return { nics: [...nics], defaultMac: defaultNic(nics)?.mac ?? '' }
}

async function freeMachineFaults(
  tools: Tools,
  host: Host,
  mode: BondMode | undefined,
): Promise<FerruleError[]> {
  const machine = await tools.maas.machine(systemIdOf(host))
  const [faults, history] = await Promise.all([
    machineFaults(tools, host, machine, mode),
    historyFaults(tools, host, machine),
  ])
  if (machine.status !== 'Ready' && machine.status !== 'Allocated') {
    const fault = new FerruleError(
      'maas-state',
      `${host.name} is ${machine.status} in MAAS, not Ready`,
      'Look at the machine in MAAS: somebody else uses it, or commissioning did not end. Once it is Ready again, erase the host here.',
      { host: host.name, status: machine.status },
    )
    faults.push(fault)
    // it is not ours to erase
    await passBy(tools, host, fault)
  }
  return [...faults, ...history]
}

/** Since it was enlisted the rack file may have changed, and it may have been commissioned at other cables. */
async function lyingCables(tools: Tools, host: Host): Promise<FerruleError[]> {
  const faults = await cableFaults(tools, host)
  if (faults.length === 0) return []
  const fault = wrongCables(
    host,
    faults,
    `"ferrule rack verify" shows all cables with both witnesses. Correct the rack file, or the cables and commission the machine in MAAS again (what a switch has learned it forgets by itself, within minutes); then "ferrule host erase ${host.name}" brings it back.`,
  )
  await setAttention(tools.db, host.id, cableMark(fault.toBody(), host.name, tools.now()))
  return [fault]
}

/** So that the planner does not choose it again until a person has looked. */
async function passBy(tools: Tools, host: Host, { code, message, remedy }: FerruleError): Promise<void> {
  const since = new Date(tools.now()).toISOString()
  await setAttention(tools.db, host.id, { code, message, remedy, since })
}

/** Whatever MAAS did with the machine since we last let go of it happened without us: its disks are of unknown history again. */
async function historyFaults(tools: Tools, host: Host, machine: MaasMachine): Promise<FerruleError[]> {
  const since = await activitySince(tools, machine.systemId, host.maasEventSeen)
  if (since !== null && machine.status === 'Ready')
    await markDirty(tools.db, dirtyKeys(host), `MAAS: ${since} without us`, null)
  const [mark] = await dirtyMarks(tools.db, dirtyKeys(host))
  if (!mark) return []
  return [
    new FerruleError(
      'erase-unproven',
      `the disks of ${host.name} are not proven erased (${mark.reason})`,
      `Erase it: "ferrule host erase ${host.name}".`,
      { host: host.name, mark: mark.key },
    ),
  ]
}

/** What MAAS last did with a machine after an event that can put bytes on its disks; null: nothing. */
export async function activitySince(
  tools: Pick<Tools, 'maas'>,
  systemId: string,
  eventId: number,
): Promise<string | null> {
  const since = (await tools.maas.events(systemId, { limit: 20 })).filter(
    (event) => event.id > eventId && event.level !== 'DEBUG' && touchesDisks.has(event.type),
  )
  return since[0]?.type ?? null
}

const touchesDisks: ReadonlySet<string> = new Set([
  'Deploying',
  'Deployed',
  'Image Deployed',
  'Commissioning',
  'Performing PXE boot',
  'Testing',
  'Entering rescue mode',
  'Rescue mode',
  'Disk erasing',
  'Releasing',
])

import { FerruleError } from '../domain/errors.ts'
import type { Host } from '../domain/host.ts'
import { defaultNic } from '../domain/instance.ts'
import type { StepContext } from '../saga/types.ts'
import { refuseGlobalSwitch } from './erase.ts'
import { holdHost } from './hold.ts'
import {
  bmcFaults,
  joinFaults,
  machineFaults,
  networkFaults,
  settled,
  systemFaults,
} from './install-checks.ts'
import type { ReinstallInput, ReinstallState } from './install-state.ts'
import { ANNOTATION_INSTALLATION, releasable, systemIdOf } from './maas-machine.ts'
import type { Tools } from './tools.ts'

/** Every refusal while the old system is still there: what would stop the installation stops the erase. */
export async function checkBeforeReinstall(
  tools: Tools,
  context: StepContext<ReinstallInput, ReinstallState>,
): Promise<Partial<ReinstallState>> {
  const { host } = await holdHost(tools, context)
  const { nics, instanceId } = context.input
  const network = await networkFaults(tools, host, nics, instanceId)
  const faults = [
    ...network,
    ...(await settled(systemFaults(tools, context.input, network.length === 0 ? nics : null))),
    ...(await settled(occupiedMachineFaults(tools, host, context.input))),
    ...(await settled(bmcFaults(tools, host))),
  ]
  if (faults.length > 0) throw joinFaults(faults)
  // the last moment: from here to the proof of the erase nothing is cut short
  await context.checkCancelled()
  return { nics, defaultMac: defaultNic(nics)?.mac ?? '' }
}

/** It may be in any state that a release with erase begins from: a reinstall is also the way out of a failed one. */
async function occupiedMachineFaults(
  tools: Tools,
  host: Host,
  input: ReinstallInput,
): Promise<FerruleError[]> {
  const machine = await tools.maas.machine(systemIdOf(host))
  const faults = await machineFaults(tools, host, machine, input.bondMode)
  const { status } = machine
  if (status !== 'Ready' && !releasable.includes(status))
    faults.push(
      new FerruleError(
        'maas-state',
        `${host.name} is ${status} in MAAS and cannot be released`,
        'Wait for MAAS to end what it does, or abort it there.',
        { host: host.name, status },
      ),
    )
  // whoever allocated it past us has left no word of ours on it
  if (status === 'Allocated' && machine.annotations[ANNOTATION_INSTALLATION] === undefined)
    faults.push(
      new FerruleError(
        'maas-state',
        `${host.name} is allocated in MAAS, and not by Ferrule`,
        'Look at the machine in MAAS: somebody else uses it.',
        { host: host.name, status },
      ),
    )
  await refuseGlobalSwitch(tools, input.erase).catch((error: unknown) => {
    if (!(error instanceof FerruleError)) throw error
    faults.push(error)
  })
  return faults
}

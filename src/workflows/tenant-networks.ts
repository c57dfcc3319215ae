import { FerruleError } from '../domain/errors.ts'
import { defaultNic } from '../domain/instance.ts'
import type { StepContext } from '../saga/types.ts'
import { setClear } from '../store/instances.ts'
import { holdHost, holdHostIfAny } from './hold.ts'
import type { InstallInput, InstallState } from './install-state.ts'
import { lastWords, systemIdOf } from './maas-machine.ts'
import { restOrQuarantine } from './off-or-quarantine.ts'
import { enterTenantVlans, parkPorts } from './ports.ts'
import { ensureOff, readPower } from './power.ts'
import { preMadeLagFaults } from './pre-made-lags.ts'
import type { Tools } from './tools.ts'

/** From an installed system that switched itself off to a server on its tenant's networks: shared by deploy and reinstall. */
type Context = StepContext<InstallInput, InstallState>

export async function connectTenant(tools: Tools, context: Context): Promise<undefined> {
  const { host, lease } = await holdHost(tools, context)
  const { instanceId } = context.input
  await ensureOff(tools, host, lease)
  // an installation takes minutes, in which people go on working on their switches
  const [fault] = await preMadeLagFaults(tools, host)
  if (fault) throw fault
  await setClear(tools.db, instanceId, false)
  await enterTenantVlans(tools, host, context.operation.id, instanceId, context.state.nics ?? [])
  return undefined
}

export async function disconnectTenant(tools: Tools, context: Context): Promise<void> {
  const held = await holdHostIfAny(tools, context)
  if (!held) return
  await restOrQuarantine(tools, held.host, held.lease, context)
  await parkPorts(tools, held.host, context.operation.id, 'pxe')
  await setClear(tools.db, context.input.instanceId, true)
}

/** Power is proof; a learned MAC is evidence for `why`, and its absence only a warning: some switches do not show it. */
export async function confirmRunning(tools: Tools, context: Context): Promise<undefined> {
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

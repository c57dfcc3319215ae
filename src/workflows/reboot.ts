import type { Outcome, Saga, StepContext } from '../saga/types.ts'
import { letGoHold } from '../store/holds.ts'
import { setInstanceState } from '../store/instances.ts'
import { endOperation } from '../store/operations.ts'
import { holdHost } from './hold.ts'
import { bootFromDisk, switchOn } from './host-steps.ts'
import { ensureOff, readPower, softOff } from './power.ts'
import type { Tools } from './tools.ts'

export interface RebootInput {
  instanceId: string
  hostId: string
}

interface RebootState {
  /** Recorded once the old system is down, so that a repeated step never shuts down the new one. */
  wentDown: boolean
}

type Context = StepContext<RebootInput, RebootState>

const none = { none: 'a reboot goes forward: the server is to run again' }

export const reboot: Saga<Tools, RebootInput, RebootState> = {
  ref: 'reboot@1',
  oneWayFrom: 'shut-down',
  steps: [
    // an unknown power state is refused with its reason, before anything is switched
    { name: 'check', title: 'Read the power state', do: check, undo: { none: 'it only reads' } },
    { name: 'shut-down', title: 'Shut down, then off, confirmed by the BMC', do: shutDown, undo: none },
    {
      name: 'boot-disk',
      title: 'Boot device disk',
      do: bootFromDisk,
      undo: none,
      // its ports carry its own tenant's VLANs and nothing else: whatever it boots from, nobody else is reached
      skip: 'The server is switched on and boots from whatever its BMC and its firmware have set. Its ports carry only its own networks. Drift shows the boot device until a heal has set it.',
    },
    { name: 'power-on', title: 'Power on', do: switchOn, undo: none },
  ],
  settle,
}

async function check(tools: Tools, context: Context): Promise<undefined> {
  const { host } = await holdHost(tools, context)
  await readPower(tools, host)
  return undefined
}

async function shutDown(tools: Tools, context: Context): Promise<Partial<RebootState>> {
  const { host, lease } = await holdHost(tools, context)
  await softOff(tools, host, lease)
  await ensureOff(tools, host, lease)
  return { wentDown: true }
}

async function settle(tools: Tools, context: Context, outcome: Outcome): Promise<void> {
  const { instanceId, hostId } = context.input
  await tools.db.transaction(async (client) => {
    const error = outcome.state === 'succeeded' ? null : outcome.error
    await setInstanceState(
      client,
      instanceId,
      'running',
      error ? { code: error.code, message: error.message, remedy: error.remedy } : null,
    )
    await letGoHold(client, hostId, context.operation.id)
    await endOperation(client, context.operation.id, outcome.state, error)
  })
}

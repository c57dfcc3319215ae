import { FerruleError } from '../domain/errors.ts'
import { handOverUserData } from '../domain/hand-over.ts'
import type { TaggedNic } from '../domain/instance.ts'
import type { TenantSeed } from '../domain/tenant-data.ts'
import type { StepContext } from '../saga/types.ts'
import { refuseLearnedElsewhere } from './cable-faults.ts'
import { holdHost } from './hold.ts'
import type { InstallInput, InstallState } from './install-state.ts'
import { lastWords, pollMachine, systemIdOf } from './maas-machine.ts'
import { readPower } from './power.ts'
import type { Tools } from './tools.ts'

type Context = StepContext<InstallInput, InstallState>

/** Ferrule's own user-data and nothing of the tenant's: in the shared PXE VLAN no tenant code runs. */
export function handOverFor(
  { input, state }: Pick<Context, 'input' | 'state'>,
  tagged: readonly TaggedNic[],
  seed: TenantSeed | null,
): string {
  const { osFamily, hostname } = input
  return handOverUserData({
    osFamily,
    hostname,
    defaultMac: state.defaultMac ?? '',
    bondName: state.bond ?? 'bond0',
    taggedNics: tagged,
    seed,
  })
}

/** A tenant's VLAN would be set on another machine's port: so before there is one. */
const lookAtCables =
  'Correct the cables or the rack file before the host is used again: "ferrule rack verify" shows what its switches have learned.'

/** One looping step, so that waiting costs the engine nothing. */
export async function waitForDeployed(tools: Tools, context: Context): Promise<undefined> {
  const { host } = await holdHost(tools, context)
  const systemId = systemIdOf(host)
  let said = ''
  await pollMachine(tools, systemId, {
    what: `deployment of ${host.name}`,
    deadline: context.startedAt + tools.policy.deadlines.deploy,
    until: (machine) => machine.status === 'Deployed',
    onLook: async (machine) => {
      await context.checkCancelled()
      if (machine.statusMessage && machine.statusMessage !== said) {
        said = machine.statusMessage
        await context.note(`MAAS: ${said}`)
        await refuseLearnedElsewhere(tools, host, lookAtCables)
      }
      if (machine.status === 'Deploying') return
      throw new FerruleError(
        'maas-state',
        `MAAS says ${machine.status} for ${host.name} instead of Deployed (${await lastWords(tools, systemId)})`,
        'Read the installation log of the machine in MAAS; the host is erased and another one may be tried.',
        {
          host: host.name,
          status: machine.status,
        },
      )
    },
  })
  return undefined
}

/** The hand-over's last act is to switch the server off. */
export async function waitForHandOver(tools: Tools, context: Context): Promise<undefined> {
  const { host } = await holdHost(tools, context)
  const deadline = context.startedAt + tools.policy.deadlines.handOver
  for (;;) {
    await context.checkCancelled()
    if ((await readPower(tools, host)) === 'off') return undefined
    if (tools.now() > deadline) {
      throw new FerruleError(
        'deadline',
        `${host.name} did not switch itself off after its first boot`,
        "Look at its console: cloud-init's log says which part of the hand-over failed.",
        { host: host.name },
      )
    }
    await tools.sleep(tools.policy.poll.power)
  }
}

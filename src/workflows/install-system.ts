import { FerruleError } from '../domain/errors.ts'
import { handOverUserData } from '../domain/hand-over.ts'
import { defaultNic, taggedNics } from '../domain/instance.ts'
import type { StepContext } from '../saga/types.ts'
import { instanceById, instanceClaim } from '../store/instances.ts'
import type { DeployInput, DeployState } from './deploy-state.ts'
import { holdHost } from './hold.ts'
import { lastWords, pollMachine, systemIdOf } from './maas-machine.ts'
import { readPower } from './power.ts'
import type { Tools } from './tools.ts'

type Context = StepContext<DeployInput, DeployState>

/** Ferrule's own user-data and nothing of the tenant's: in the shared PXE VLAN no tenant code runs. */
export async function handOverFor(tools: Tools, context: Context): Promise<string> {
  const instance = await instanceById(tools.db, context.input.instanceId)
  const { osFamily, hostname } = context.input
  return handOverUserData({
    osFamily,
    hostname,
    defaultMac: context.state.defaultMac ?? '',
    bondName: context.state.bond ?? 'bond0',
    taggedNics: taggedNics(instance?.nics ?? []).map((nic) => ({ vlan: nic.vlan, mac: nic.mac })),
  })
}

/** Step 8: one looping step, so that waiting costs the engine nothing. */
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

/** Step 9: the hand-over's last act is to switch the server off. */
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

/** Step 10: a create call is attached, or comes back; its NICs are the newest word. */
export async function claimByCreate(tools: Tools, context: Context): Promise<Partial<DeployState>> {
  const { instanceId, waitForClaim } = context.input
  const deadline = context.startedAt + tools.policy.deadlines.claim
  while (waitForClaim) {
    await context.checkCancelled()
    const { claimedAt } = await instanceClaim(tools.db, instanceId)
    if (claimedAt && tools.now() - claimedAt.getTime() < tools.policy.deadlines.claim) break
    if (tools.now() > deadline) {
      throw new FerruleError(
        'deadline',
        'CloudStack did not come back for the server that it asked for',
        'Deploy again in CloudStack; this host is being erased.',
      )
    }
    await tools.sleep(tools.policy.poll.power)
  }
  const instance = await instanceById(tools.db, instanceId)
  const first = defaultNic(instance?.nics ?? [])
  if (!instance || first?.mac !== context.state.defaultMac) {
    throw new FerruleError(
      'conflict',
      `the default MAC changed from ${context.state.defaultMac ?? 'none'} to ${first?.mac ?? 'none'} while the server was installed`,
      'Deploy again: the installed system only answers to the first MAC.',
    )
  }
  return { nics: instance.nics }
}

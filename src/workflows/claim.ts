import { FerruleError } from '../domain/errors.ts'
import type { InstanceNic } from '../domain/instance.ts'
import { defaultNic, unknownToSystem } from '../domain/instance.ts'
import type { StepContext } from '../saga/types.ts'
import { listNetworks } from '../store/catalogue.ts'
import { instanceById, instanceClaim, lockInstance, setClear } from '../store/instances.ts'
import type {
  DeployInput,
  DeployState,
  InstallInput,
  InstallState,
  ReinstallInput,
  ReinstallState,
} from './install-state.ts'
import type { Tools } from './tools.ts'

/** A create call of CloudStack is attached, or comes back; its NICs are the newest word. */
export async function claimByCreate(
  tools: Tools,
  context: StepContext<DeployInput, DeployState>,
): Promise<Partial<DeployState>> {
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
  await noteUnknownNetworks(context, instance.nics)
  return { nics: instance.nics }
}

/**
 * What is wanted of a reinstalled server now: whether it is to run, and in which VLANs. A stop that came meanwhile has
 * said so in the instance's state, and is answered as long as the instance is clear: both are settled in one transaction.
 */
export async function claimAgain(
  tools: Tools,
  context: StepContext<ReinstallInput, ReinstallState>,
): Promise<Partial<ReinstallState>> {
  const { instanceId, run: asked } = context.input
  const nics = await withCurrentVlans(tools, context.input.nics)
  const run = await tools.db.transaction(async (client) => {
    const state = await lockInstance(client, instanceId)
    const wanted = asked && state === 'deploying'
    await setClear(client, instanceId, !wanted)
    return wanted
  })
  await noteUnknownNetworks(context, nics)
  return { nics, run }
}

/** Isolated networks can get another VLAN while no server of theirs runs. */
export async function withCurrentVlans(
  { db }: Pick<Tools, 'db'>,
  nics: readonly InstanceNic[],
): Promise<InstanceNic[]> {
  const known = new Map((await listNetworks(db)).map((network) => [network.id, network.vlan]))
  return nics.map((nic) => ({ ...nic, vlan: known.get(nic.networkId) ?? nic.vlan }))
}

/** The system was made before these were known: its ports will carry them, but it has no interface there. */
async function noteUnknownNetworks(
  context: StepContext<InstallInput, InstallState>,
  nics: readonly InstanceNic[],
): Promise<void> {
  const unknown = unknownToSystem(nics, context.state.tagged ?? null)
  for (const { vlan, mac, networkId } of unknown)
    await context.note(
      `its system was made without VLAN ${vlan} (MAC ${mac}): it has no interface there until one is added in it, or it is reinstalled`,
      { networkId, vlan, mac },
    )
}

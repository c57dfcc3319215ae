import type { BootAnswer, BootServer, EphemeralHost } from '../world/types.ts'
import { ENVIRONMENT_BOOT_MS, runCommissioning } from './commission.ts'
import { deployed, runDeploy } from './deploy.ts'
import type { Node } from './model.ts'
import type { Region } from './region.ts'
import { environmentFinished, runRelease } from './release.ts'
import { COMMISSIONING, DEPLOYED, DEPLOYING, DISK_ERASING, RELEASING, TESTING } from './status.ts'
import { runTesting } from './testing.ts'
import { RELEASING_TIMEOUT } from './timeouts.ts'

type Ephemeral = Extract<BootAnswer, { kind: 'ephemeral' }>

/**
 * The rack controller's PXE and metadata service. A node is known by the MAC of a physical interface in its current
 * configuration and by nothing else: the lab's machines boot by UEFI, whose GRUB does not send the hardware UUID.
 */
export function createBootServer(region: Region, vlan: number): BootServer {
  return {
    vlan,
    boot({ mac }) {
      const node = nodeByMac(region, mac)
      if (node === undefined) return enlist()
      return answerFor(region, node, mac)
    },
    fetchUserData(systemId, token) {
      const node = authenticated(region, systemId, token)
      if (node === undefined) return null
      if (node.status === DEPLOYING && !node.netboot) deployed(region, node)
      return {
        userData: node.userData === null ? null : Buffer.from(node.userData, 'base64').toString('utf8'),
      }
    },
    finished(systemId, token) {
      const node = authenticated(region, systemId, token)
      if (node !== undefined) environmentFinished(region, node)
    },
  }
}

export function nodeByMac(region: Region, mac: string): Node | undefined {
  const wanted = mac.toLowerCase()
  return region.state.nodes.find((node) =>
    node.interfaces.some((iface) => iface.type === 'physical' && iface.mac === wanted),
  )
}

function answerFor(region: Region, node: Node, mac: string): BootAnswer {
  const answer = environment(region, node)
  if (answer.kind === 'local') return answer
  node.bootInterface =
    node.interfaces.find((iface) => iface.mac === mac.toLowerCase())?.id ?? node.bootInterface
  region.event(node, 'INFO', 'Performing PXE boot')
  if (node.status === COMMISSIONING || node.status === TESTING) region.heartbeat(node, region.nodeTimeout())
  if (node.status === RELEASING) region.heartbeat(node, RELEASING_TIMEOUT)
  return answer
}

/** maasserver/models/node.py, get_boot_purpose. */
function environment(region: Region, node: Node): BootAnswer {
  const run = (
    purpose: Ephemeral['purpose'],
    work: (region: Region, node: Node, host: EphemeralHost) => Promise<void>,
  ): BootAnswer => ({ kind: 'ephemeral', purpose, run: (host) => work(region, node, host) })

  switch (node.status) {
    case COMMISSIONING:
      return run('commissioning', runCommissioning)
    case TESTING:
      return run('test', runTesting)
    case DISK_ERASING:
      return run('erase', runRelease)
    case RELEASING:
      return node.release === null ? run('commissioning', powerItselfOff) : run('erase', runRelease)
    case DEPLOYING:
      return node.netboot ? run('deploy', runDeploy) : { kind: 'local' }
    case DEPLOYED:
      return { kind: 'local' }
    default:
      return run('commissioning', powerItselfOff)
  }
}

/** A machine that nobody told to run gets an environment that switches it off again. */
async function powerItselfOff(region: Region, _node: Node, host: EphemeralHost): Promise<void> {
  await host.sleep(region.world.chance.jitter(ENVIRONMENT_BOOT_MS, 0.2))
  host.powerOff()
}

/** An unknown machine is asked to enlist; it stays in that environment, powered on, and no node hears of it. */
function enlist(): BootAnswer {
  return { kind: 'ephemeral', purpose: 'enlist', run: async (host) => host.sleep(ENVIRONMENT_BOOT_MS) }
}

function authenticated(region: Region, systemId: string, token: string): Node | undefined {
  const node = region.node(systemId)
  return node?.token.key === token ? node : undefined
}

import { execFile } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import type { PortMembership } from '../world/types.ts'
import type { LabSwitch } from './lab-switch.ts'

/** A bridge of a running Open vSwitch, with the ports that stand for those of one switch. */
export interface OvsBridge {
  /** Where its sockets are: OVS_RUNDIR. */
  runFolder: string
  bridge: string
  /** By the switch's own name of a port: the port of the bridge. It is there already, with a cable in it. */
  ports: Readonly<Record<string, string>>
  /** A state lasts so long at least, be it one that the switch had for an instant. Milliseconds; default 0. */
  holdMs?: number | undefined
}

/** What a switch's ports let pass, as Open vSwitch's frames meet it. */
export interface DataPlane {
  /** Waits until all that has changed is in force. @throws what went wrong since the beginning */
  settled(): Promise<void>
}

const run = promisify(execFile)

/** No frame has this VLAN (IEEE 802.1Q reserves it): a trunk that lists it alone passes nothing, one without a list all. */
const NO_VLAN = 4095

/**
 * Gives the bridge's ports what the switch's ports have, now and after each change, one change after another in their
 * order and none left out, so that a state that a port has for a moment is one that frames can meet.
 * @throws Error if Open vSwitch is not there, or has not these ports
 */
export async function mirrorToOvs(
  tor: Pick<LabSwitch, 'name' | 'ports' | 'membership' | 'onChange'>,
  { runFolder, bridge, ports, holdMs = 0 }: OvsBridge,
): Promise<DataPlane> {
  const names = new Set(tor.ports())
  const strange = Object.keys(ports).find((port) => !names.has(port))
  if (strange !== undefined) throw new Error(`switch ${tor.name} has no port ${strange} to mirror`)
  const tool = (program: string, ...args: string[]) => ovsTool(program, args, runFolder)
  for (const port of Object.values(ports)) {
    const there = (await tool('ovs-vsctl', 'port-to-br', port)).trim()
    if (there !== bridge) throw new Error(`port ${port} is one of ${there}, and not of ${bridge}`)
  }
  const up = new Map<string, boolean>()
  const put = async (ovsPort: string, now: PortMembership) => {
    const link = (is: boolean) =>
      tool('ovs-ofctl', 'mod-port', bridge, ovsPort, is ? 'up' : 'down').then(() => up.set(ovsPort, is))
    // a shut port is shut before its VLANs change, and opened after
    if (!now.enabled && up.get(ovsPort) !== false) await link(false)
    await tool('ovs-vsctl', '--timeout=30', 'set', 'port', ovsPort, ...settings(now))
    if (now.enabled && up.get(ovsPort) !== true) await link(true)
    if (holdMs > 0) await sleep(holdMs)
  }
  let work: Promise<unknown> = Promise.resolve()
  const mirror = (port: string) => {
    const ovsPort = ports[port]
    if (ovsPort === undefined) return
    const now = tor.membership(port)
    work = work.then(() => put(ovsPort, now))
    // told by settled(), and to whoever does not ask
    work.catch((error: unknown) => process.emitWarning(`${tor.name}: ${String(error)}`))
  }
  tor.onChange(mirror)
  for (const port of Object.keys(ports)) mirror(port)
  await work
  return {
    async settled() {
      for (let seen: unknown; seen !== work; ) {
        seen = work
        await work
      }
    },
  }
}

/** Columns of a port, all of them in one transaction. */
function settings({ untagged, tagged, lag, fallback }: PortMembership): string[] {
  // of an LACP group nothing comes in from who does not speak LACP; nobody behind these ports does
  const isSilent = (lag !== undefined && !fallback) || (untagged === null && tagged.length === 0)
  if (isSilent) return ['vlan_mode=trunk', 'tag=[]', `trunks=[${NO_VLAN}]`]
  if (untagged === null) return ['vlan_mode=trunk', 'tag=[]', `trunks=[${tagged.join(',')}]`]
  if (tagged.length === 0) return ['vlan_mode=access', `tag=${untagged}`, 'trunks=[]']
  return ['vlan_mode=native-untagged', `tag=${untagged}`, `trunks=[${tagged.join(',')}]`]
}

async function ovsTool(program: string, args: readonly string[], runFolder: string): Promise<string> {
  // Debian keeps some of its programs where an ordinary user does not look
  const env = { ...process.env, OVS_RUNDIR: runFolder, PATH: `${process.env.PATH ?? ''}:/usr/sbin:/sbin` }
  try {
    return (await run(program, [...args], { env, timeout: 60_000 })).stdout
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
      throw new Error(
        `${program} is missing, without which no switch can be mirrored to Open vSwitch: apt-get install openvswitch-switch`,
      )
    }
    throw error
  }
}

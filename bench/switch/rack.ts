import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { z } from 'zod'
import { BRIDGE, type OpenVSwitch, startOpenVSwitch } from '../../test/peers/support/open-vswitch.ts'
import { sourceFile } from './source-file.ts'

/** Where every port is, and where it goes. */
export const from = { untagged: 200 }
export const to = { untagged: 201, tagged: 301 }
/** VLANs of other tenants: their frames must reach none of these ports at any instant. */
const FOREIGN = [777, 888, 889, 890]
/** Rounds of frames per second; the neighbours send four times as much as the ports' own networks. */
const ROUNDS = 50
const UPLINK = 'trunk'

/** What the servers heard between start and stop. */
export interface Heard {
  /** Frames of VLANs that are none of the port's, neither before nor after. */
  leaked: number
  /** Rounds in which a port got neither its old untagged network's frame nor its new one's, summed over the ports. */
  lost: number
}

const counts = z.record(z.string(), z.number())
const report = z.object({ rounds: z.number(), heard: z.record(z.string(), counts), fed: counts })

/** A ToR with servers on its ports: a real Open vSwitch, and one program that counts what arrives on every cable. */
export interface Rack {
  ovs: OpenVSwitch
  ports: readonly string[]
  /** All ports back into the first VLAN. */
  reset(): Promise<void>
  /** What the servers hear while that happens. */
  during(work: () => Promise<void>): Promise<Heard>
  stop(): Promise<void>
}

export async function startRack(count: number): Promise<Rack> {
  const ovs = await startOpenVSwitch()
  const servers = spawn(
    'unshare',
    [
      '--net',
      'sh',
      '-c',
      // sysfs still shows the interfaces of the namespace in which it was mounted
      `echo; read _ && ip -o link | sed 's/^[0-9]*: \\([^@:]*\\).*/link set \\1 up/' | ip -batch - && exec "$@"`,
      'servers',
      process.env.PYTHON ?? 'python3',
      sourceFile('frames.py'),
      `${UPLINK}-far`,
    ],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  )
  const orders = new Orders(servers)
  const stop = async () => {
    servers.kill('SIGKILL')
    await ovs.stop()
  }
  try {
    await orders.answer()
    const ports = Array.from({ length: count }, (_, index) => `swp${index + 1}`)
    await plug(ovs, ports, servers.pid ?? 0)
    servers.stdin.write('\n')
    await orders.answer()
    return { ovs, ports, reset: () => reset(ovs, ports), during: (work) => during(orders, count, work), stop }
  } catch (error) {
    await stop()
    throw error
  }
}

async function plug(ovs: OpenVSwitch, ports: readonly string[], namespace: number): Promise<void> {
  const links = [...ports, UPLINK].flatMap((port) => [
    `link add ${port} type veth peer name ${port}-far netns ${namespace}`,
    `link set ${port} up`,
  ])
  const file = join(ovs.runFolder, 'links')
  await writeFile(file, `${links.join('\n')}\n`)
  await ovs.inside('ip', '-batch', file)
  await ovs.vsctl(...[...ports, UPLINK].flatMap((port) => ['--', 'add-port', BRIDGE, port]))
  await reset(ovs, ports)
}

async function reset(ovs: OpenVSwitch, ports: readonly string[]): Promise<void> {
  const set = (port: string) => [
    '--',
    ...['set', 'port', port, 'vlan_mode=access', `tag=${from.untagged}`, 'trunks=[]'],
  ]
  await ovs.vsctl(...ports.flatMap(set))
}

async function during(orders: Orders, ports: number, work: () => Promise<void>): Promise<Heard> {
  const own = [from.untagged, to.untagged]
  await orders.give({ do: 'start', rounds: ROUNDS, frames: [...own, to.tagged, ...FOREIGN], own })
  await pause(300)
  await work()
  await pause(300)
  await orders.give({ do: 'stop' })
  await pause(200)
  const { rounds, heard, fed } = report.parse(await orders.give({ do: 'report' }))
  const count = (counts: Record<string, number>, of: (vlan: number) => boolean) =>
    Object.entries(counts).reduce((total, [vlan, times]) => total + (of(Number(vlan)) ? times : 0), 0)
  const foreign = Object.values(heard).map((port) => count(port, (vlan) => FOREIGN.includes(vlan)))
  return {
    leaked: foreign.reduce((total, times) => total + times, 0),
    lost: rounds * ports - count(fed, () => true),
  }
}

/** One order after another; each is answered with a line of JSON. */
class Orders {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>
  readonly #lines: AsyncIterator<string>

  constructor(child: ChildProcessByStdio<Writable, Readable, null>) {
    this.#child = child
    this.#lines = createInterface(child.stdout)[Symbol.asyncIterator]()
  }

  async give(order: object): Promise<unknown> {
    this.#child.stdin.write(`${JSON.stringify(order)}\n`)
    return JSON.parse(await this.answer())
  }

  async answer(): Promise<string> {
    const { value, done } = await this.#lines.next()
    if (done) throw new Error('the servers of the bench have ended')
    return value
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { z } from 'zod'
import type { Carried } from '../../support/any-switch.ts'
import { waitUntil } from '../../support/wait.ts'

/** A set of RFC 7047 §5.1 comes with its wrapping, or is its one element. */
const set = z.union([
  z.tuple([z.literal('set'), z.array(z.unknown())]).transform(([, all]) => all),
  z.unknown().transform((one) => [one]),
])
const row = z.tuple([z.string(), z.string(), z.string().nullable(), set, set, set])
const update = z.looseObject({ data: z.array(row) })

const everyVlan = Array.from({ length: 4094 }, (_, index) => index + 1)

/** What the ports of an Open vSwitch let pass, from one transaction to the next, as its own tool hears of them. */
export class PortWatch {
  readonly last = new Map<string, Carried>()
  #fresh: { port: string; carried: Carried }[] = []
  readonly #stop: () => Promise<void>

  /** @param socket of the database */
  constructor(socket: string) {
    const child = spawn(
      'setpriv',
      [
        ...['--pdeathsig', 'KILL', 'ovsdb-client', '--no-headings', '--format=json', 'monitor'],
        socket,
        ...['Open_vSwitch', 'Port', 'name,vlan_mode,tag,trunks'],
      ],
      { stdio: ['ignore', 'pipe', 'ignore'] },
    )
    const ended = new Promise<void>((resolve) => child.once('close', () => resolve()))
    createInterface(child.stdout).on('line', (line) => this.#hear(line))
    this.#stop = async () => {
      child.kill('SIGKILL')
      await ended
    }
  }

  /** What has changed since it was asked last. */
  take(): { port: string; carried: Carried }[] {
    const fresh = this.#fresh
    this.#fresh = []
    return fresh
  }

  begun(): Promise<void> {
    return waitUntil('the ports of the switch are watched', () => this.last.size > 0)
  }

  stop(): Promise<void> {
    return this.#stop()
  }

  #hear(line: string): void {
    for (const [, action, port, mode, tag, trunks] of update.parse(JSON.parse(line)).data) {
      // "old" and "delete" say what was
      if (port === null || action === 'old' || action === 'delete') continue
      const carried = carriedBy(mode[0], tag[0], trunks)
      if (JSON.stringify(this.last.get(port)) === JSON.stringify(carried)) continue
      this.last.set(port, carried)
      this.#fresh.push({ port, carried })
    }
  }
}

/** By ovs-vswitchd.conf.db(5). A trunk without a list carries every VLAN. */
function carriedBy(mode: unknown, tag: unknown, trunks: readonly unknown[]): Carried {
  const listed = trunks.length === 0 ? everyVlan : trunks.map(Number)
  if (mode === 'access' || (mode === undefined && tag !== undefined))
    return { untagged: Number(tag), tagged: [] }
  const untagged = mode === 'native-untagged' ? Number(tag) : null
  return { untagged, tagged: listed.filter((vlan) => vlan !== untagged).sort((a, b) => a - b) }
}

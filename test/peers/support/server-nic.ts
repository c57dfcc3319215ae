import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { z } from 'zod'

/** A frame to send: its tag, and a word by which receivers know it. */
export interface MarkedFrame {
  vlan: number | null
  mark: string
}

const heard = z.record(z.string(), z.number())

/** What the kernel calls a network card of a namespace, before the far end of the cable is put there. */
export const NIC = 'eth0'

/** A server on a cable: a network namespace with one network card, whose frames are made and counted one by one. */
export class ServerNic {
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>
  readonly #answers: AsyncIterator<string>
  #errors = ''
  #turn: Promise<unknown> = Promise.resolve()

  private constructor(mac: string, plug: string) {
    // The namespace is the process's own and goes with it. It waits for its cable.
    const script = `echo; read _ && ip link set lo up && ip link set ${NIC} up && exec ${plug}`
    const frames = [join(import.meta.dirname, 'ovs', 'frames.py'), NIC, mac]
    this.#child = spawn('unshare', ['--net', 'sh', '-c', `${script} "$@"`, 'server', ...frames], {
      stdio: ['pipe', 'pipe', 'pipe'],
    })
    this.#child.stderr.on('data', (text) => {
      this.#errors += String(text)
    })
    this.#answers = createInterface(this.#child.stdout)[Symbol.asyncIterator]()
  }

  /** @param cable brings an interface NIC into the network namespace of a process */
  static async open(mac: string, cable: (pid: number) => Promise<void>): Promise<ServerNic> {
    const server = new ServerNic(mac, process.env.PYTHON ?? 'python3')
    try {
      await server.#line()
      await cable(server.#child.pid ?? 0)
      server.#child.stdin.write('\n')
      await server.#line()
      return server
    } catch (error) {
      await server.close()
      throw error
    }
  }

  async send(vlan: number | null, mark: string, count = 5): Promise<void> {
    await this.#order({ do: 'send', vlan, mark, count })
  }

  /** Sends all of these so often per second, until stop. */
  async start(rounds: number, frames: readonly MarkedFrame[]): Promise<void> {
    await this.#order({ do: 'start', rounds, frames })
  }

  async stop(): Promise<void> {
    await this.#order({ do: 'stop' })
  }

  async forget(): Promise<void> {
    await this.#order({ do: 'forget' })
  }

  /** How many frames came in by "TAG MARK"; TAG is "-" for those without. */
  async heard(): Promise<Record<string, number>> {
    return heard.parse(await this.#order({ do: 'report' }))
  }

  async close(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null || this.#child.pid === undefined)
      return
    const ended = new Promise((resolve) => this.#child.once('exit', resolve))
    this.#child.kill('SIGKILL')
    await ended
  }

  /** One after another, for the answers carry no number. */
  #order(order: object): Promise<unknown> {
    const answer = this.#turn.then(async () => {
      this.#child.stdin.write(`${JSON.stringify(order)}\n`)
      return JSON.parse(await this.#line())
    })
    this.#turn = answer.catch(() => undefined)
    return answer
  }

  async #line(): Promise<string> {
    const { value, done } = await this.#answers.next()
    if (done) throw new Error(`a server of the test has ended: ${this.#errors}`)
    return value
  }
}

import type { Client, ClientChannel } from 'ssh2'
import type { ConsoleEnd, SerialConsole } from '../types.ts'
import { refused, unreachable } from './errors.ts'
import type { SshSettings } from './options.ts'
import type { SshTarget } from './target.ts'

/** What is kept of the machine's output until somebody listens. */
const mostKept = 64 * 1024
/** Keys that wait for the BMC. */
const mostWaiting = 64 * 1024

/** A shell of SSH that is the machine's serial port. It ends with its connection, which is its alone. */
export class SshConsole implements SerialConsole {
  readonly ended: Promise<ConsoleEnd>
  readonly besideCommandLine: boolean
  readonly #target: SshTarget
  readonly #client: Client
  readonly #channel: ClientChannel
  readonly #settings: SshSettings
  /** Resolves once the connection is gone. */
  readonly #gone: Promise<void>
  #resolveEnded: (end: ConsoleEnd) => void = () => undefined
  #end: ConsoleEnd | undefined
  #listener: ((data: Buffer) => void) | undefined
  #kept: Buffer[] = []
  #keptBytes = 0
  #waiting = 0

  constructor(target: SshTarget, client: Client, channel: ClientChannel, settings: SshSettings) {
    this.#target = target
    this.#client = client
    this.#channel = channel
    this.#settings = settings
    this.besideCommandLine = target.besideCommandLine
    this.ended = new Promise((resolve) => {
      this.#resolveEnded = resolve
    })
    this.#gone = new Promise((resolve) => client.once('close', () => resolve()))
    client.once('error', (error) => this.#finish({ reason: 'lost', detail: error.message }))
    client.once('close', () => this.#finish({ reason: 'lost', detail: 'the connection is gone' }))
    channel.on('data', (data: Buffer) => this.#print(data))
    channel.stderr.on('data', (data: Buffer) => this.#print(data))
    channel.on('error', () => undefined)
    channel.once('close', () => {
      this.#finish({ reason: 'lost', detail: 'the BMC has closed it' })
      void this.#hangUp()
    })
  }

  get isOver(): boolean {
    return this.#end !== undefined
  }

  async write(data: Buffer): Promise<void> {
    const { key } = this.#target
    if (this.#end !== undefined) throw unreachable(key, `its console has ended (${this.#end.detail})`)
    if (this.#waiting + data.length > mostWaiting) throw refused(key, 'it takes no keys now')
    this.#waiting += data.length
    const taken = await this.#within(
      this.#settings.writeMs,
      new Promise<void>((resolve) => {
        this.#channel.write(data, () => {
          this.#waiting -= data.length
          resolve()
        })
      }),
    )
    // The end may have come meanwhile, which TypeScript does not know.
    const end = this.#end as ConsoleEnd | undefined
    if (end !== undefined) throw unreachable(key, `its console has ended (${end.detail})`)
    if (!taken) throw refused(key, 'it takes no keys now')
  }

  onData(listener: (data: Buffer) => void): void {
    this.#listener = listener
    for (const data of this.forget()) listener(data)
  }

  /** What was kept, which is kept no longer. */
  forget(): Buffer[] {
    const kept = this.#kept
    this.#kept = []
    this.#keptBytes = 0
    return kept
  }

  /** Resolves when the BMC has heard of it, or will not. */
  async close(): Promise<void> {
    this.#finish({ reason: 'closed', detail: 'it was closed here' })
    await this.#hangUp()
  }

  /** Opened once more here, so that this one has to go. */
  async giveUp(): Promise<void> {
    this.#finish({ reason: 'taken', detail: 'it was opened once more here' })
    await this.#hangUp()
  }

  #finish(end: ConsoleEnd): void {
    if (this.#end !== undefined) return
    this.#end = end
    this.#resolveEnded(end)
  }

  async #hangUp(): Promise<void> {
    this.#client.end()
    if (!(await this.#within(this.#settings.settleMs, this.#gone))) this.#client.destroy()
  }

  #print(data: Buffer): void {
    if (this.#end !== undefined) return
    if (this.#listener !== undefined) {
      this.#listener(data)
      return
    }
    if (this.#keptBytes + data.length > mostKept) return
    this.#kept.push(data)
    this.#keptBytes += data.length
  }

  /** False if it does not come in time, nor the end. */
  #within(ms: number, work: Promise<void>): Promise<boolean> {
    return new Promise((resolve) => {
      const cancel = this.#settings.clock.after(ms, () => resolve(false))
      const done = () => {
        cancel()
        resolve(true)
      }
      void work.then(done)
      void this.#gone.then(done)
    })
  }
}

import type { SwitchLease } from '../../../../domain/lease.ts'
import type { SwitchEndpoint, SwitchTimeouts } from '../../types.ts'
import { notUnderstood } from '../errors.ts'
import type { Edits } from '../plan.ts'
import type { Snapshot, Transport } from '../transport.ts'
import { answered } from './answered.ts'
import { macTableIn } from './mac-table.ts'
import { lldpInterfacesIn } from './neighbours.ts'
import { NetconfSession } from './session.ts'
import { parseSnapshot } from './snapshot.ts'
import { type NetconfTarget, netconfTarget } from './target.ts'
import { type NetconfTraits, traitsOf } from './traits.ts'
import { Undecided } from './undecided.ts'
import { getConfig, getLldpInterfaces, getMacTable, saveRunning } from './words.ts'
import { writeEdits } from './write.ts'

const defaultTimeouts: SwitchTimeouts = { connectMs: 10_000, requestMs: 15_000 }

/** Logins by SSH are slow, and sessions are few: one is kept for the calls that come close together. */
const IDLE_MS = 3_000

/** OpenConfig over NETCONF (RFC 6241), in a session of SSH (RFC 6242). */
export class NetconfTransport implements Transport {
  readonly address: string
  readonly #target: NetconfTarget
  readonly #timeouts: SwitchTimeouts
  #traits: NetconfTraits = traitsOf([])
  #session: Promise<NetconfSession> | null = null
  /** Calls that are using it. */
  #users = 0
  #idle: NodeJS.Timeout | null = null
  /** Until when a change may still be taken back by the device, and no reading counts. */
  #undecided: Undecided | null = null

  constructor(endpoint: SwitchEndpoint, timeouts: Partial<SwitchTimeouts> = {}) {
    this.#target = netconfTarget(endpoint)
    this.address = endpoint.address
    this.#timeouts = { ...defaultTimeouts, ...timeouts }
  }

  get traits(): NetconfTraits {
    return this.#traits
  }

  async read(from: 'running' | 'startup'): Promise<Snapshot> {
    await this.#decided()
    return this.#snapshot(from)
  }

  macTable(): Promise<unknown> {
    return this.#inSession(async (session) => {
      if (this.#traits.vlansAt !== 'network-instance') return undefined
      const reply = answered(this.address, 'get mac-table', await session.rpc(getMacTable))
      return this.#understood(() => macTableIn(reply.data))
    })
  }

  lldpInterfaces(): Promise<unknown> {
    return this.#inSession(async (session) => {
      if (!this.#traits.lldp) return undefined
      const reply = answered(this.address, 'get lldp', await session.rpc(getLldpInterfaces))
      return this.#understood(() => lldpInterfacesIn(reply.data))
    })
  }

  async write(lease: SwitchLease, edits: Edits): Promise<void> {
    await this.#decided(lease.signal)
    try {
      await this.#inSession(async (session) => {
        const job = { session, address: this.address, traits: this.#traits, timeouts: this.#timeouts, lease }
        try {
          await writeEdits(job, edits)
        } catch (error) {
          // Locks, edits that were not committed and a commit that was not confirmed go with the session.
          session.close()
          throw error
        }
      })
    } catch (error) {
      if (!(error instanceof Undecided)) throw error
      this.#undecided = error
      await this.#decided(lease.signal)
      throw error.reason
    }
  }

  save(lease: SwitchLease): Promise<void> {
    return this.#inSession(async (session) => {
      await lease.check()
      answered(this.address, 'copy-config running startup', await session.rpc(saveRunning, lease.signal))
    })
  }

  close(): void {
    if (this.#idle) clearTimeout(this.#idle)
    const session = this.#session
    this.#session = null
    session?.then((one) => one.close()).catch(() => undefined)
  }

  #snapshot(from: 'running' | 'startup'): Promise<Snapshot> {
    return this.#inSession(async (session) => {
      const reply = answered(
        this.address,
        `get-config ${from}`,
        await session.rpc(getConfig(from, this.#traits)),
      )
      return this.#understood(() => parseSnapshot(reply.data, this.#traits.vlansAt !== 'nowhere'))
    })
  }

  #understood<T>(read: () => T): T {
    try {
      return read()
    } catch (error) {
      throw notUnderstood(this.address, error instanceof Error ? error.message : String(error))
    }
  }

  /** Waits until the device cannot take back a change any more that was left unconfirmed. */
  async #decided(signal?: AbortSignal): Promise<void> {
    const undecided = this.#undecided
    if (!undecided) return
    await undecided.wait(async () => (await this.#snapshot('running')).ports, signal)
    if (this.#undecided === undecided) this.#undecided = null
  }

  async #inSession<T>(work: (session: NetconfSession) => Promise<T>): Promise<T> {
    this.#users += 1
    if (this.#idle) clearTimeout(this.#idle)
    try {
      return await work(await this.#open())
    } finally {
      this.#users -= 1
      if (this.#users === 0) {
        this.#idle = setTimeout(() => this.close(), IDLE_MS)
        this.#idle.unref()
      }
    }
  }

  async #open(): Promise<NetconfSession> {
    for (;;) {
      const opening = this.#session ?? NetconfSession.open(this.#target, this.#timeouts)
      this.#session = opening
      try {
        const session = await opening
        if (!session.ended) {
          this.#traits = traitsOf(session.capabilities)
          return session
        }
      } catch (error) {
        if (this.#session === opening) this.#session = null
        throw error
      }
      // It has ended since; who comes first opens another.
      if (this.#session === opening) this.#session = null
    }
  }
}

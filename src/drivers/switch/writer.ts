import { setTimeout as sleep } from 'node:timers/promises'
import { type ErrorCode, FerruleError } from '../../domain/errors.ts'
import type { SwitchLease } from '../../domain/lease.ts'
import type { PortMap } from './diff.ts'
import type { PortResult, PortState } from './types.ts'

/** Calls that come within this time become one login, one write and one save. */
export const defaultCoalesceMs = 30

type Run = (lease: SwitchLease, wanted: PortMap) => Promise<PortResult[]>

interface Call {
  lease: SwitchLease
  wanted: Map<string, PortState>
  resolve(results: PortResult[]): void
  reject(error: unknown): void
}

/** Faults of the switch and not of one caller's ports: to try the callers one by one would only take longer. */
const shared: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['switch-unreachable', 'switch-auth'])

/**
 * The only writer of one switch in this process: one batch at a time, made of all calls of the coalescing window.
 * For a port that several calls name, the latest wanted state wins, and all of them get that port's result. When a
 * batch fails because of some caller (its port refused, its lease lost), the callers are run one after another, so
 * that each gets its own answer.
 */
export class SwitchWriter {
  readonly #switchId: string
  readonly #run: Run
  readonly #coalesceMs: number
  #waiting: Call[] = []
  #working: Promise<void> | null = null
  #closed = false
  #writes = 0

  constructor(switchId: string, run: Run, coalesceMs: number = defaultCoalesceMs) {
    this.#switchId = switchId
    this.#run = run
    this.#coalesceMs = coalesceMs
  }

  get busy(): boolean {
    return this.#working !== null
  }

  /** How many were asked for so far. */
  get writes(): number {
    return this.#writes
  }

  ensure(lease: SwitchLease, wanted: Map<string, PortState>): Promise<PortResult[]> {
    return new Promise((resolve, reject) => {
      if (this.#closed) return reject(this.#closedError())
      this.#writes += 1
      this.#waiting.push({ lease, wanted, resolve, reject })
      this.#working ??= this.#work()
    })
  }

  /** Lets every accepted call end, for a port must not be left half-written; refuses those that come later. */
  async close(): Promise<void> {
    this.#closed = true
    await this.#working
  }

  async #work(): Promise<void> {
    try {
      while (this.#waiting.length > 0) {
        await sleep(this.#coalesceMs)
        await this.#batch(latestWins(this.#waiting.splice(0)))
      }
    } finally {
      // In the same turn as the last look at the queue: a call that comes later finds nobody working and starts.
      this.#working = null
    }
  }

  async #batch(calls: readonly Call[]): Promise<void> {
    const held = await withHeldLease(calls)
    if (held.length === 0) return
    try {
      const wanted = new Map(held.flatMap((call) => [...call.wanted]))
      const results = await this.#run(jointLease(held.map((call) => call.lease)), wanted)
      for (const call of held) call.resolve(results.filter((result) => call.wanted.has(result.port)))
    } catch (error) {
      const everyones = error instanceof FerruleError && shared.has(error.code)
      if (held.length === 1 || everyones) {
        for (const call of held) call.reject(error)
        return
      }
      for (const call of held) await this.#batch([call])
    }
  }

  /** Transient: who opens the switch again, after a change of the rack file or a restart, gets through. */
  #closedError(): FerruleError {
    return new FerruleError(
      'switch-unreachable',
      `Switch ${this.#switchId} has just been closed: its rack configuration changed, or Ferrule is shutting down`,
      'Repeat the call; nothing was sent to the switch.',
      { switch: this.#switchId },
    )
  }
}

/** Gives every call the latest wanted state of each port that it names. */
function latestWins(calls: readonly Call[]): Call[] {
  const latest = new Map(calls.flatMap((call) => [...call.wanted]))
  return calls.map((call) => {
    const wanted = new Map(
      [...call.wanted].map(([port, state]) => [port, latest.get(port) ?? state] as const),
    )
    return { ...call, wanted }
  })
}

async function withHeldLease(calls: readonly Call[]): Promise<Call[]> {
  const checks = await Promise.allSettled(calls.map((call) => call.lease.check()))
  return calls.filter((call, index) => {
    const check = checks[index]
    if (check?.status === 'rejected') call.reject(check.reason)
    return check?.status === 'fulfilled'
  })
}

/** Holds only while each of them holds. */
function jointLease(leases: readonly SwitchLease[]): SwitchLease {
  const distinct = [...new Set(leases)]
  const [first] = distinct
  if (!first) throw new Error('a batch without a caller')
  if (distinct.length === 1) return first
  return {
    kind: 'switch',
    id: first.id,
    holder: distinct.map((lease) => lease.holder).join(','),
    signal: AbortSignal.any([...new Set(distinct.map((lease) => lease.signal))]),
    check: async () => {
      await Promise.all(distinct.map((lease) => lease.check()))
    },
  }
}

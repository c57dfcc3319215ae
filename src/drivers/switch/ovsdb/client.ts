import { z } from 'zod'
import type { SwitchTimeouts } from '../types.ts'
import { OvsdbConnection } from './connection.ts'
import type { OvsdbTarget } from './endpoint.ts'
import { leaseLost, refused, unreachable } from './errors.ts'

export const defaultTimeouts: SwitchTimeouts = { connectMs: 5_000, requestMs: 15_000 }

/** An idle connection is ours to close, before the network forgets it under the next write. */
const IDLE_MS = 2_000

/** What Open vSwitch calls its database. */
export const DATABASE = 'Open_vSwitch'

/** An operation of RFC 7047 §5.2, as it goes over the wire. */
export type Operation = Readonly<Record<string, unknown>> & { readonly op: string }

/** One entry per operation; null for those after the first that failed; one more if the commit itself failed. */
export type Outcome = z.infer<typeof outcome>

const outcome = z
  .looseObject({
    rows: z.array(z.unknown()).optional(),
    error: z.string().optional(),
    details: z.string().optional(),
  })
  .nullable()

/** Transactions over a connection that is made when it is needed. */
export class OvsdbClient {
  readonly target: OvsdbTarget
  readonly timeouts: SwitchTimeouts
  #connection: OvsdbConnection | null = null
  #opening: Promise<OvsdbConnection> | null = null
  #idle: NodeJS.Timeout | null = null
  #closed = false

  constructor(target: OvsdbTarget, timeouts: Partial<SwitchTimeouts> = {}) {
    this.target = target
    this.timeouts = { ...defaultTimeouts, ...timeouts }
  }

  /** Connects if need be, so that what follows costs one round trip only. @throws switch-unreachable, switch-auth */
  async connect(): Promise<OvsdbConnection> {
    if (this.#closed) throw unreachable(this.target.address, 'the driver was closed')
    if (this.#connection && !this.#connection.ended) return this.#connection
    this.#opening ??= this.#open().finally(() => {
      this.#opening = null
    })
    return this.#opening
  }

  /**
   * All operations or none of them. What each came to, failures included, is for the caller.
   * @param extraMs what the switch may take beyond an ordinary request
   * @throws switch-unreachable, switch-auth, lease-lost (signal), switch-refused when the request as a whole is refused
   */
  async transact(
    operations: readonly Operation[],
    { signal, extraMs = 0 }: { signal?: AbortSignal; extraMs?: number } = {},
  ): Promise<Outcome[]> {
    const { address } = this.target
    const connection = await this.connect()
    if (this.#idle) clearTimeout(this.#idle)
    const answer = await connection
      .call(
        'transact',
        [DATABASE, ...operations],
        this.timeouts.requestMs + extraMs,
        signal && { signal, error: () => leaseLost(address) },
      )
      .finally(() => this.#closeWhenIdle(connection))
    if (answer.error !== null && answer.error !== undefined) {
      const said = z
        .looseObject({ error: z.string(), details: z.string().optional() })
        .safeParse(answer.error)
      const words = said.success
        ? [said.data.error, said.data.details].filter(Boolean).join(': ')
        : 'an error'
      throw refused(address, 'transact', words)
    }
    const parsed = z.array(outcome).safeParse(answer.result)
    if (!parsed.success || parsed.data.length < operations.length) {
      throw refused(address, 'transact', 'its answer is not that of an OVSDB server')
    }
    return parsed.data
  }

  close(): void {
    this.#closed = true
    if (this.#idle) clearTimeout(this.#idle)
    this.#connection?.close()
  }

  async #open(): Promise<OvsdbConnection> {
    const opened = await OvsdbConnection.open(this.target, this.timeouts.connectMs)
    this.#connection = opened
    if (this.#closed) opened.close()
    return opened
  }

  #closeWhenIdle(connection: OvsdbConnection): void {
    if (this.#idle) clearTimeout(this.#idle)
    this.#idle = setTimeout(() => {
      if (!connection.busy) connection.close()
    }, IDLE_MS)
    this.#idle.unref()
  }
}

/** The operation that failed, if any; its place is that of the operation, or one after all of them: the commit. */
export function failureOf(
  outcomes: readonly Outcome[],
): { index: number; said: string; error: string } | null {
  const index = outcomes.findIndex((one) => one?.error !== undefined)
  const failed = outcomes[index]
  if (!failed?.error) return null
  return { index, error: failed.error, said: [failed.error, failed.details].filter(Boolean).join(': ') }
}

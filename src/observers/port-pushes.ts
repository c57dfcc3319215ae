import { FerruleError } from '../domain/errors.ts'
import type { Services } from '../services/context.ts'
import type { SwitchRow } from '../store/racks.ts'
import type { WatchState } from '../store/switch-watches.ts'
import type { Log } from '../telemetry/log.ts'

export interface PortPushesOptions {
  tools: Pick<Services['tools'], 'openSwitch' | 'now'>
  /** A switch has told something, or begins to tell. */
  changed(switchId: string): void
  /** What has become of a subscription, with what ended it; null: there is none any more. */
  record(switchId: string, now: { state: WatchState; failure: string | null } | null): Promise<void>
  /** 0 up to 1. */
  random(): number
  /** Ends early, without an error, when `signal` fires. */
  pause(ms: number, signal: AbortSignal): Promise<void>
  log: Log
}

/** Pauses before a subscription is made again: doubled each time, and short again after one that lasted. */
const FIRST_PAUSE_MS = 1_000
const LONGEST_PAUSE_MS = 60_000

/** A switch that refuses does so until somebody gives it another configuration or software. */
const REFUSED_PAUSE_MS = 3_600_000

/**
 * Subscriptions to the switches whose protocol pushes. Nothing depends on them: while there is none, the switch is looked
 * at as seldom as any other.
 */
export class PortPushes {
  readonly #options: PortPushesOptions
  /** By switch. */
  readonly #watches = new Map<string, { row: string; end: AbortController; over: Promise<void> }>()
  #stopped = false

  constructor(options: PortPushesOptions) {
    this.#options = options
  }

  /** These and no others are subscribed to from now on. */
  keep(rows: readonly SwitchRow[]): void {
    if (this.#stopped) return
    const wanted = new Map(rows.map((row) => [row.id, JSON.stringify(row)]))
    const before = new Map<string, Promise<void>>()
    for (const [id, { row, end, over }] of this.#watches) {
      // reached in another way than before, it is subscribed to anew
      if (wanted.get(id) === row) continue
      end.abort()
      this.#watches.delete(id)
      before.set(id, over)
    }
    for (const [id, row] of wanted) {
      if (this.#watches.has(id)) continue
      const end = new AbortController()
      // what is recorded of the one before ends before what is recorded of this one
      const over = (before.get(id) ?? Promise.resolve()).then(() => this.#watch(id, end.signal))
      this.#watches.set(id, { row, end, over })
    }
  }

  async stop(): Promise<void> {
    this.#stopped = true
    const watches = [...this.#watches.values()]
    this.#watches.clear()
    for (const { end } of watches) end.abort()
    await Promise.all(watches.map(({ over }) => over))
  }

  async #watch(id: string, signal: AbortSignal): Promise<void> {
    const told = this.#teller(id)
    await this.#keepSubscribed(id, signal, told)
    await told(null)
  }

  /** Records in their order. One that cannot be written is told, and the next one is another chance. */
  #teller(id: string): Tell {
    let last: Promise<void> = Promise.resolve()
    return (now) => {
      last = last
        .then(() => this.#options.record(id, now))
        .catch((error: unknown) => {
          this.#options.log('warn', 'the state of a subscription could not be recorded', {
            switch: id,
            error: String(error),
          })
        })
      return last
    }
  }

  async #keepSubscribed(id: string, signal: AbortSignal, told: Tell): Promise<void> {
    const { tools, random, pause, log } = this.#options
    let pauseMs = FIRST_PAUSE_MS
    let isTold = false
    while (!signal.aborted) {
      const begun = tools.now()
      const ended = await this.#subscribe(id, signal, () => void told({ state: 'subscribed', failure: null }))
      if (ended === 'never' || signal.aborted) return
      const lasted = tools.now() - begun > LONGEST_PAUSE_MS
      if (ended === 'closed by us' || lasted) [pauseMs, isTold] = [FIRST_PAUSE_MS, false]
      if (ended instanceof Error && !isTold) {
        isTold = true
        log('warn', 'a switch does not tell its changes; it is polled', { switch: id, error: String(ended) })
      }
      const isRefused = ended instanceof FerruleError && ended.code === 'switch-refused'
      if (isRefused) pauseMs = REFUSED_PAUSE_MS
      if (ended instanceof Error) void told({ state: isRefused ? 'refused' : 'lost', failure: ended.message })
      // a quarter earlier or later, so that many that went together do not come together
      await pause(pauseMs * (0.75 + random() / 2), signal)
      pauseMs = Math.min(LONGEST_PAUSE_MS, pauseMs * 2)
    }
  }

  /** @returns what ended the subscription, of which `stands` was told when it had begun */
  async #subscribe(
    id: string,
    signal: AbortSignal,
    stands: () => void,
  ): Promise<'never' | 'closed by us' | Error> {
    let isFirst = true
    try {
      const { ports } = await this.#options.tools.openSwitch(id)
      if (!ports.watch) return 'never'
      const heard = () => {
        if (signal.aborted) return
        // a watch speaks once when it stands
        if (isFirst) stands()
        isFirst = false
        this.#options.changed(id)
      }
      // a switch that hangs while it is subscribed to holds up nobody who ends it
      await Promise.race([ports.watch(heard, signal), aborted(signal)])
      // its row or its cables have changed, and it is opened anew
      return 'closed by us'
    } catch (error) {
      return error instanceof Error ? error : new Error(String(error))
    }
  }
}

type Tell = (now: { state: WatchState; failure: string | null } | null) => Promise<void>

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}

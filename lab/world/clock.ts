import type { Clock, VirtualMs } from './types.ts'

/** The lab's clock: besides telling and sleeping, it can wait for real work and continue from a stored time. */
export interface WorldClock extends Clock {
  /**
   * While `work` (a real process, a real socket) is under way, a clock of scale Infinity does not jump to the next
   * sleeper: otherwise half an hour would pass while a script of 50 ms runs.
   */
  hold<T>(work: Promise<T>): Promise<T>
  /** Moves the clock forward to `at`; never back. For a lab that continues from a snapshot. */
  continueFrom(at: VirtualMs): void
  /** From now on so many virtual milliseconds per real one; a clock that jumps cannot be made to run, nor the other way round. */
  setScale(scale: number): void
}

interface Sleeper {
  due: VirtualMs
  order: number
  wake(): void
}

/**
 * All sleepers stand in one queue by due time, so that who wakes first does not depend on the rounding of timers, at
 * any scale. With scale Infinity the clock jumps from sleeper to sleeper, one per turn of the event loop.
 */
export function createClock(options: { scale: number; startAt?: VirtualMs }): WorldClock {
  let { scale } = options
  if (!(scale > 0)) throw new RangeError(`time scale must be above 0, got ${scale}`)
  const instant = scale === Number.POSITIVE_INFINITY
  const sleepers: Sleeper[] = []
  let base = options.startAt ?? Date.now()
  let realBase = performance.now()
  let order = 0
  let holds = 0
  let timer: NodeJS.Timeout | undefined
  let jumping = false

  function now(): VirtualMs {
    return instant ? base : Math.floor(base + (performance.now() - realBase) * scale)
  }

  function schedule(): void {
    clearTimeout(timer)
    timer = undefined
    const first = sleepers[0]
    if (!first) return
    if (instant) {
      if (holds > 0 || jumping) return
      jumping = true
      setImmediate(wakeFirst)
      return
    }
    // setTimeout takes at most 2^31-1 ms; a longer sleep is taken up again when that ends.
    const wait = Math.min(Math.max(0, (first.due - now()) / scale), 2 ** 31 - 1)
    timer = setTimeout(wakeDue, Math.ceil(wait))
  }

  function wakeFirst(): void {
    jumping = false
    if (holds > 0) return
    const first = sleepers.shift()
    if (!first) return
    base = Math.max(base, first.due)
    first.wake()
    schedule()
  }

  function wakeDue(): void {
    const reached = now()
    while (sleepers[0] && sleepers[0].due <= reached) sleepers.shift()?.wake()
    schedule()
  }

  function enqueue(sleeper: Sleeper): void {
    let at = sleepers.length
    while (at > 0 && later(sleepers[at - 1], sleeper)) at -= 1
    sleepers.splice(at, 0, sleeper)
    if (at === 0) schedule()
  }

  return {
    get scale() {
      return scale
    },
    now,
    sleep(ms, signal) {
      return new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason)
        const abort = () => {
          const at = sleepers.indexOf(sleeper)
          if (at >= 0) sleepers.splice(at, 1)
          schedule()
          reject(signal?.reason)
        }
        const sleeper: Sleeper = {
          due: Math.round(now() + Math.max(0, ms)),
          order: order++,
          wake() {
            signal?.removeEventListener('abort', abort)
            resolve()
          },
        }
        signal?.addEventListener('abort', abort, { once: true })
        enqueue(sleeper)
      })
    },
    async hold(work) {
      holds += 1
      try {
        return await work
      } finally {
        holds -= 1
        schedule()
      }
    },
    setScale(next) {
      if (!(next > 0)) throw new RangeError(`time scale must be above 0, got ${next}`)
      if (instant || !Number.isFinite(next)) throw new RangeError('a clock that jumps has no speed')
      base = now()
      realBase = performance.now()
      scale = next
      schedule()
    },
    continueFrom(at) {
      if (at <= now()) return
      base = at
      realBase = performance.now()
      schedule()
    },
  }
}

function later(a: Sleeper | undefined, b: Sleeper): boolean {
  return a !== undefined && (a.due > b.due || (a.due === b.due && a.order > b.order))
}

import type { Clock, VirtualMs } from './types.ts'

/** The lab's clock: besides telling and sleeping, it can wait for real work and continue from a stored time. */
export interface WorldClock extends Clock {
  /**
   * While `work` (a real process, a real socket) is under way, a clock of scale Infinity does not jump to the next
   * sleeper: otherwise half an hour would pass while a script of 50 ms runs.
   *
   * `still`: one of any scale stands still for as long as the work takes longer than on an idle machine. Otherwise MAAS's
   * five minutes would pass while that script waits for a processor.
   */
  hold<T>(work: Promise<T>, how?: { still: boolean }): Promise<T>
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

/** What a script takes on an idle machine, in real milliseconds. */
const GRACE_MS = 250
/** A wake that is later than this by the real clock was late because the machine was busy: the clock is late with it. */
const LATE_MS = 50

/**
 * All sleepers stand in one queue by due time and wake one per turn of the event loop, so that who wakes first, and
 * what it then does, depends neither on the rounding of timers nor on a process that stood still for a second. With
 * scale Infinity the clock jumps from sleeper to sleeper.
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
  /** Sleepers wake; the next turn of the event loop looks for more of them. */
  let turning = false
  /** The time that the one had waited for who woke in this turn. */
  let woken: VirtualMs | undefined
  /** Works for which the clock stands still. */
  let stills = 0

  function running(): VirtualMs {
    return instant || stills > 0 ? base : base + (performance.now() - realBase) * scale
  }

  function now(): VirtualMs {
    return Math.floor(woken ?? Math.min(running(), sleepers[0]?.due ?? Number.POSITIVE_INFINITY))
  }

  function goOnFrom(at: VirtualMs): void {
    base = at
    realBase = performance.now()
  }

  function schedule(): void {
    clearTimeout(timer)
    timer = undefined
    const first = sleepers[0]
    if (!first || turning || stills > 0 || (instant && holds > 0)) return
    const wait = (first.due - running()) / scale
    // setTimeout takes at most 2^31-1 ms; a longer sleep is taken up again when that ends.
    if (wait > 0 && !instant) timer = setTimeout(wakeFirst, Math.ceil(Math.min(wait, 2 ** 31 - 1)))
    else {
      turning = true
      setImmediate(wakeFirst)
    }
  }

  function wakeFirst(): void {
    turning = false
    woken = undefined
    const first = sleepers[0]
    if (!first || stills > 0 || (instant && holds > 0)) return
    if (instant) base = Math.max(base, first.due)
    if (running() < first.due) schedule()
    else wake(first)
  }

  function wake(first: Sleeper): void {
    if (running() - first.due > LATE_MS * scale) goOnFrom(first.due)
    sleepers.shift()
    woken = first.due
    turning = true
    first.wake()
    setImmediate(wakeFirst)
  }

  function standStill(): void {
    if (stills === 0) base = running()
    stills += 1
  }

  function goOn(): void {
    stills -= 1
    if (stills === 0) goOnFrom(base)
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
    async hold(work, { still } = { still: false }) {
      holds += 1
      let stands = false
      const grace = setTimeout(() => {
        stands = still
        if (stands) standStill()
      }, GRACE_MS)
      try {
        return await work
      } finally {
        clearTimeout(grace)
        if (stands) goOn()
        holds -= 1
        schedule()
      }
    },
    setScale(next) {
      if (!(next > 0)) throw new RangeError(`time scale must be above 0, got ${next}`)
      if (instant || !Number.isFinite(next)) throw new RangeError('a clock that jumps has no speed')
      goOnFrom(now())
      scale = next
      schedule()
    },
    continueFrom(at) {
      if (at <= now()) return
      goOnFrom(at)
      schedule()
    },
  }
}

function later(a: Sleeper | undefined, b: Sleeper): boolean {
  return a !== undefined && (a.due > b.due || (a.due === b.due && a.order > b.order))
}

/** A round that took longer than this is work: its result serves for a while. */
const HEAVY_MS = 250
/** For so many times as long as it took: whoever asks, at most a fifth of a core goes into it. */
const SERVES = 4

/**
 * However many ask, `work` is done once at a time: who comes while it is under way shares the next round with all others
 * who came meanwhile. Nobody is given what was begun before they asked, except where a round is heavy.
 *
 * @param now milliseconds of a clock that only goes forward
 */
export function oneAtATime<Result>(work: () => Promise<Result>, now: () => number): () => Promise<Result> {
  let current: Promise<unknown> | null = null
  let next: Promise<Result> | null = null
  let last: { result: Result; until: number } | null = null
  const begin = (): Promise<Result> => {
    const began = now()
    const round = work()
      .then((result) => {
        const took = now() - began
        last = took > HEAVY_MS ? { result, until: now() + SERVES * took } : null
        return result
      })
      .finally(() => {
        if (current === round) current = null
      })
    current = round
    return round
  }
  return () => {
    if (last !== null && now() < last.until) return Promise.resolve(last.result)
    if (current === null) return begin()
    next ??= current
      .catch(() => undefined)
      .then(() => {
        next = null
        return begin()
      })
    return next
  }
}

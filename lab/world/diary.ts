import type { Clock, Sighting } from './types.ts'

/** So many sightings are kept; the oldest go first. */
const LIMIT = 200_000

export interface Diary {
  readonly sightings: readonly Sighting[]
  note(sighting: Omit<Sighting, 'at'>): void
  /** Returns the function that ends the listening. */
  onSighting(listener: (sighting: Sighting) => void): () => void
}

export function createDiary(clock: Clock): Diary {
  const sightings: Sighting[] = []
  const listeners = new Set<(sighting: Sighting) => void>()
  return {
    sightings,
    note(sighting) {
      const whole = { at: clock.now(), ...sighting }
      sightings.push(whole)
      if (sightings.length > LIMIT) sightings.splice(0, sightings.length - LIMIT)
      for (const listener of listeners) listener(whole)
    },
    onSighting(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}

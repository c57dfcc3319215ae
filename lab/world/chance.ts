import { createHash } from 'node:crypto'
import type { Chance } from './types.ts'

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz0123456789'

/**
 * Seeded choices (mulberry32). Each thing that chooses takes its own stream by `label`: streams do not disturb one
 * another, so a machine's jitter stays the same whatever its neighbours do meanwhile.
 */
export function createChance(seed: number, label = ''): Chance {
  let state = createHash('sha256').update(`${seed}/${label}`).digest().readUInt32LE(0)

  function next(): number {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }

  return {
    next,
    jitter: (base, share) => base * (1 + share * (2 * next() - 1)),
    id: (length) =>
      Array.from({ length }, () => ALPHABET.charAt(Math.floor(next() * ALPHABET.length))).join(''),
  }
}

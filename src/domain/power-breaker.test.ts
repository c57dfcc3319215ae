import { describe, expect, test } from 'vitest'
import type { Breaker, LookFailure } from './power-breaker.ts'
import { afterFailure, breakerState, isUnknown, needsAttention } from './power-breaker.ts'

const second = 1000
const minute = 60 * second
const rules = {
  firstPause: 10 * second,
  longestPause: 15 * minute,
  fullPause: minute,
  refusedPause: 60 * minute,
}
const silent: LookFailure = { code: 'bmc-unreachable', message: 'silent', remedy: 'look', full: false }
const full: LookFailure = { ...silent, full: true }
const auth: LookFailure = { ...silent, code: 'bmc-auth' }

/** Pauses in seconds of so many failures in a row. */
function pauses(count: number, failure: LookFailure, chance = 0.5): number[] {
  let breaker: Breaker | null = null
  return Array.from({ length: count }, () => {
    breaker = afterFailure(breaker, failure, 'c', rules, 0, chance)
    return Math.round(breaker.until / second)
  })
}

test('pauses grow up to a longest one', () => {
  expect(pauses(9, silent)).toEqual([10, 20, 40, 80, 160, 320, 640, 900, 900])
  expect(pauses(2000, silent).at(-1)).toBe(900)
})

test('chance spreads them by a tenth', () => {
  expect(pauses(1, silent, 0)).toEqual([9])
  expect(pauses(1, silent, 1)).toEqual([11])
})

test('a BMC without a free session is left alone for as long as a leaked one lives', () => {
  expect(pauses(5, full)).toEqual([60, 60, 60, 80, 160])
})

describe('a refused login', () => {
  test.each(['bmc-auth', 'bmc-untrusted'] as const)('%s: the very first one pauses for an hour', (code) => {
    const breaker = afterFailure(null, { ...auth, code }, 'credentials', rules, 5, 0)
    expect(breaker).toEqual({ failures: 1, until: 5 + 60 * minute, refused: 'credentials' })
    expect(isUnknown(breaker)).toBe(true)
    expect(needsAttention(breaker)).toBe(true)
    expect(breakerState(breaker)).toBe('refused')
  })

  test('is over when another failure says that the BMC may be gone', () => {
    const refused = afterFailure(null, auth, 'c', rules, 0, 0)
    expect(afterFailure(refused, silent, 'c', rules, 0, 0.5)).toMatchObject({ failures: 2, refused: null })
  })
})

test('one lost look is not yet "unknown", two are; a person is asked after five', () => {
  const breakers: Breaker[] = []
  for (let count = 0; count < 5; count += 1)
    breakers.push(afterFailure(breakers.at(-1) ?? null, silent, 'c', rules, 0, 0))
  expect(breakers.map(isUnknown)).toEqual([false, true, true, true, true])
  expect(breakers.map(needsAttention)).toEqual([false, false, false, false, true])
  expect(breakers.map(breakerState)).toEqual(Array.from({ length: 5 }, () => 'open'))
  expect(breakerState(null)).toBe('closed')
})

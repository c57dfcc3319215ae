import { expect, test } from 'vitest'
import { powerRules } from './power-rules.ts'

const second = 1000
const minute = 60 * second

test('at one look a minute', () => {
  expect(powerRules(minute)).toEqual({
    breaker: {
      firstPause: 10 * second,
      longestPause: 15 * minute,
      fullPause: 75 * second,
      refusedPause: 60 * minute,
    },
    enforce: {
      patienceMs: 30 * second,
      gapMs: 10 * minute,
      limit: 3,
      everywhere: 10,
      latelyMs: 24 * 60 * minute,
    },
    gapMs: 5 * second,
  })
})

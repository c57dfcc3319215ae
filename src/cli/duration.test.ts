import { expect, test } from 'vitest'
import { formatDuration, parseDuration } from './duration.ts'

test('durations are read with and without a unit', () => {
  expect(['90', '90s', '10m', '2h', '250ms', '1.5s'].map(parseDuration)).toEqual([
    90_000, 90_000, 600_000, 7_200_000, 250, 1500,
  ])
  for (const text of ['', 'soon', '-1s', '1d']) expect(() => parseDuration(text)).toThrow('is not a duration')
})

test('durations are shown short', () => {
  expect([0, 1234, 59_940, 60_000, 605_000].map(formatDuration)).toEqual([
    '0.0s',
    '1.2s',
    '59.9s',
    '1m00s',
    '10m05s',
  ])
})

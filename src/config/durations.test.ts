import { describe, expect, test } from 'vitest'
import { parseDuration, scaleDuration } from './durations.ts'

describe('parseDuration', () => {
  test.each([
    ['250ms', 250],
    ['90s', 90_000],
    ['40m', 2_400_000],
    ['1.5h', 5_400_000],
    ['2d', 172_800_000],
  ])('%s is %i ms', (text, ms) => expect(parseDuration(text)).toBe(ms))

  test.each(['', '90', 's', '-1s', '1 s', '1w', '1h30m'])('%j is none', (text) => {
    expect(() => parseDuration(text)).toThrow(RangeError)
  })
})

describe('scaleDuration', () => {
  test('divides by the scale', () => expect(scaleDuration(2_400_000, 60, 5000)).toBe(40_000))
  test('leaves our own work its time', () => expect(scaleDuration(600_000, 1000, 5000)).toBe(5000))
  test('never makes a short time longer', () => expect(scaleDuration(2000, 60, 5000)).toBe(2000))
})

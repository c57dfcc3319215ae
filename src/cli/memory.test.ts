import { describe, expect, test } from 'vitest'
import { formatBytes, formatMemory, parseMemory } from './memory.ts'

describe('memory', () => {
  test.each([
    ['32768', 32768],
    ['32768M', 32768],
    ['32G', 32768],
    ['32 GiB', 32768],
    ['32gb', 32768],
    ['1T', 1_048_576],
    ['1.5G', 1536],
  ])('%s is %i MiB', (text, mib) => {
    expect(parseMemory(text)).toBe(mib)
  })

  test.each(['', '0', '-1', '32K', 'much', '0.3M', '1e3', '32G32'])('"%s" is refused', (text) => {
    expect(() => parseMemory(text)).toThrow('is not an amount of memory')
  })

  test('what is shown can be typed in again', () => {
    for (const mib of [512, 1536, 32768, 1_048_576, 1_048_577])
      expect(parseMemory(formatMemory(mib))).toBe(mib)
  })

  test('disks count in powers of ten', () => {
    expect([formatBytes(999), formatBytes(1_920_383_410_176), formatBytes(480_103_981_056)]).toEqual([
      '999 B',
      '1.9 TB',
      '480 GB',
    ])
  })
})

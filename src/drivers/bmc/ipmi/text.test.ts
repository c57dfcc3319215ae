import { expect, test } from 'vitest'
import { decodeText } from './text.ts'

test.each([
  // "IPMI" in six bits: 29h 30h 2Dh 29h, lowest bits first (FRU Information Storage Definition §13.2's own example)
  ['six-bit', '29dca6', 'IPMI'],
  ['six-bit', '', ''],
  ['bcd-plus', '1234ab5c', '1234 -5.'],
  ['latin-1', '4142e9', 'ABé'],
  ['latin-1', '41420000', 'AB'],
  ['latin-1', '411b5b306d42', 'A [0mB'],
  ['utf-16', '41003020', 'A‰'],
  ['utf-16', '4100ff', 'A'],
  ['utf-16', '00d8', ' '],
  ['binary', '0102ff', '0102ff'],
  ['binary', '000000', ''],
] as const)('%s %s is "%s"', (encoding, hex, text) => {
  expect(decodeText(encoding, Buffer.from(hex, 'hex'))).toBe(text)
})

import { expect, test } from 'vitest'
import { convert, decodeFactors, rawFormat } from './conversion.ts'

const plain = { m: 1, b: 0, bExponent: 0, rExponent: 0 }

test.each([
  // M 8 bits + 2 bits, B the same, exponents: result exponent high, B exponent low
  ['010000000000', { m: 1, b: 0, bExponent: 0, rExponent: 0 }],
  ['3b000a0000d1', { m: 59, b: 10, bExponent: 1, rExponent: -3 }],
  ['ffc0ffc000ff', { m: -1, b: -1, bExponent: -1, rExponent: -1 }],
  ['008000800078', { m: -512, b: -512, bExponent: -8, rExponent: 7 }],
  ['ff7fff7f0087', { m: 511, b: 511, bExponent: 7, rExponent: -8 }],
])('factors %s', (hex, factors) => {
  expect(decodeFactors(Buffer.from(hex, 'hex'))).toEqual(factors)
})

test('factors that are cut short are none', () => {
  expect(decodeFactors(Buffer.from('0100000000', 'hex'))).toBeUndefined()
})

test.each([
  [0x00, 0xfb, 251],
  [0x40, 0xfb, -4],
  [0x40, 0xff, 0],
  [0x40, 0x7f, 127],
  [0x80, 0xfb, -5],
  [0x80, 0x80, -128],
])('format %i reads %i as %i', (units1, raw, value) => {
  const format = rawFormat(units1)
  expect(format && convert(raw, format, plain, 0)).toBe(value)
})

test('format 11b is no analog reading', () => {
  expect(rawFormat(0xc0)).toBeUndefined()
})

test.each([
  [0, 10, 10],
  [1, 10, Math.log(10)],
  [2, 100, 2],
  [3, 8, 3],
  [4, 2, Math.exp(2)],
  [5, 2, 100],
  [6, 8, 256],
  [7, 4, 0.25],
  [8, 12, 144],
  [9, 3, 27],
  [10, 81, 9],
  [11, 27, 3],
])('linearisation %i of %i is %f', (linearisation, raw, value) => {
  expect(convert(raw, 'unsigned', plain, linearisation)).toBeCloseTo(value, 8)
})

test.each([
  ['the logarithm of zero', 0, 1],
  ['one by zero', 0, 7],
  ['a linearisation that there is not', 1, 12],
])('%s is no number', (_, raw, linearisation) => {
  expect(convert(raw, 'unsigned', plain, linearisation)).toBeUndefined()
})

test('M, B and both exponents', () => {
  // (59 · 203 + 10 · 10^1) · 10^-3
  const factors = { m: 59, b: 10, bExponent: 1, rExponent: -3 }
  expect(convert(203, 'unsigned', factors, 0)).toBe(12.077)
})

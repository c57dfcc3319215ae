import { expect, test } from 'vitest'
import { decodeArea, decodeHeader } from './area.ts'

/** Pads and closes an area: its length in the second byte, its checksum at the end. */
function area(...start: (number | string)[]): Buffer {
  const bytes = start.flatMap((part) =>
    typeof part === 'string' ? [...Buffer.from(part, 'latin1')] : [part],
  )
  while (bytes.length % 8 !== 7) bytes.push(0)
  bytes[1] = (bytes.length + 1) / 8
  return Buffer.from([...bytes, -bytes.reduce((sum, byte) => sum + byte, 0) & 0xff])
}

const end = 0xc1

test('a header gives the offsets of the areas', () => {
  const header = Buffer.from([1, 0, 0, 1, 9, 0, 0, 0xf5])
  expect(decodeHeader(header)).toEqual({ board: 8, product: 72 })
})

test.each([
  ['cut short', '010000010900f5'],
  ['checksum', '01000001090000f6'],
  ['format version', '02000001090000f4'],
])('a header with a wrong %s is not believed', (why, hex) => {
  expect(decodeHeader(Buffer.from(hex, 'hex'))).toEqual(expect.stringContaining(why))
})

test('a board in English', () => {
  const board = area(1, 0, 25, 0, 0, 0, 0xc4, 'Acme', 0xc2, 'X1', 0xc3, 'S-1', 0xc2, 'P9', end)
  expect(decodeArea('board', board)).toEqual({
    manufacturer: 'Acme',
    name: 'X1',
    serial: 'S-1',
    partNumber: 'P9',
  })
})

test('a product with every encoding: six-bit, BCD plus, binary, and an empty field', () => {
  const product = area(1, 0, 0, 0x83, '\x29\xdc\xa6', 0, 0x42, '\x12\x3a', 0x02, '\xbe\xef', 0xc3, 'S-1', end)
  expect(decodeArea('product', product)).toEqual({
    manufacturer: 'IPMI',
    name: '',
    partNumber: '123',
    serial: 'S-1',
  })
})

test('another language is UTF-16, but numbers are not, nor is what has an odd length', () => {
  const product = area(1, 0, 1, 0xc4, 'A\0B\0', 0xc3, 'ABC', 0xc2, 'P9', 0xc2, '1\0', 0xc2, 'S1', end)
  expect(decodeArea('product', product)).toEqual({
    manufacturer: 'AB',
    name: 'ABC',
    partNumber: 'P9',
    serial: 'S1',
  })
})

test('fields that are missing at the end are empty', () => {
  expect(decodeArea('board', area(1, 0, 25, 0, 0, 0, 0xc4, 'Acme', end))).toMatchObject({
    name: '',
    serial: '',
  })
})

test('a wrong checksum, a wrong version, a field beyond the area and a cut are reasons', () => {
  const good = area(1, 0, 25, 0, 0, 0, 0xc4, 'Acme', end)
  const bad = Buffer.from(good)
  bad[7] = 0x42
  expect(decodeArea('board', bad)).toBe('the checksum of the board area is wrong')
  expect(decodeArea('board', area(2, 0, 25, 0, 0, 0, end))).toContain('format version')
  expect(decodeArea('board', area(1, 0, 25, 0, 0, 0, 0xff, 'x'))).toContain('longer than the area')
  expect(decodeArea('board', good.subarray(0, 10))).toBe('the board area is cut short')
  expect(decodeArea('board', Buffer.from([1, 0, 25, 0, 0, 0, 0, 0]))).toBe('the board area is cut short')
})

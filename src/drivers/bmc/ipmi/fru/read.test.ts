import { describe, expect, test } from 'vitest'
import type { Command, Reply } from '../message.ts'
import { inquiryOf } from '../testing/inquiry.ts'
import { refusal, success } from '../testing/sdr-bmc.ts'
import { readFru } from './read.ts'

/** Header, then a board "Acme", "X1", "S-1", "P9" of 32 bytes. */
const contents = Buffer.from(
  '01000001000000fe' + '010419000000c441636d65c25831c3532d31c25039c1000000000000000000dd',
  'hex',
)

interface Bends {
  most: number
  /** Bytes that come, of those that were asked. */
  short: number
  words: boolean
  size: number
  busy: number
}

function fruBmc(bends: Partial<Bends> = {}): (command: Command) => Reply {
  const { most, short, words, size, busy } = {
    most: 255,
    short: 255,
    words: false,
    size: contents.length,
    busy: 0,
    ...bends,
  }
  const unit = words ? 2 : 1
  let left = busy
  return ({ number, data }) => {
    if (number === 0x10) return success([size & 0xff, size >> 8, words ? 1 : 0])
    if (left-- > 0) return refusal(0x81)
    const offset = data.readUInt16LE(1) * unit
    const count = (data[3] ?? 0) * unit
    if (count > most) return refusal(0xca)
    const bytes = contents.subarray(offset, offset + Math.min(count, short))
    return success([bytes.length / unit, ...bytes])
  }
}

const board = { manufacturer: 'Acme', name: 'X1', serial: 'S-1', partNumber: 'P9' }

describe('the same board is read', () => {
  test.each<[string, Partial<Bends>]>([
    ['at once', {}],
    ['in chunks of 32 bytes', { most: 32 }],
    ['in chunks of 8 bytes', { most: 8 }],
    ['by words', { words: true }],
    ['by words, in chunks of 8 bytes', { words: true, most: 8 }],
    ['from a BMC that sends less than was asked', { short: 3 }],
    ['from a device that is busy for a while', { busy: 3 }],
  ])('%s', async (_, bends) => {
    expect(await readFru(inquiryOf(fruBmc(bends)), 0)).toEqual({ board, product: undefined, notes: [] })
  })
})

test('a BMC without the device has none', async () => {
  expect(
    await readFru(
      inquiryOf(() => refusal(0xcb)),
      0,
    ),
  ).toBeUndefined()
})

describe('what cannot be is noted', () => {
  test.each([
    ['an area beyond the end', 16, 'FRU 0: the board area lies beyond the end'],
    ['a size below the header', 4, 'FRU 0: it is smaller than a header'],
  ])('%s', async (_, size, note) => {
    expect(await readFru(inquiryOf(fruBmc({ size })), 0)).toMatchObject({ board: undefined, notes: [note] })
  })
})

describe('what cannot be is one clear error', () => {
  test.each<[string, (command: Command) => Reply]>([
    ['no data', ({ number }) => (number === 0x10 ? success([0, 1, 0]) : success([8]))],
    ['a count of zero', ({ number }) => (number === 0x10 ? success([0, 1, 0]) : success([0, 1, 2, 3]))],
    ['half a word', ({ number }) => (number === 0x10 ? success([0, 1, 1]) : success([4, 1]))],
    ['a size that is cut short', () => success([1])],
    ['refusals of every chunk', fruBmc({ most: 4 })],
    ['a device that stays busy', fruBmc({ busy: 100 })],
  ])('%s', async (_, answer) => {
    await expect(readFru(inquiryOf(answer), 0)).rejects.toMatchObject({ code: 'bmc-refused' })
  })
})

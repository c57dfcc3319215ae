import { describe, expect, test } from 'vitest'
import { inquiryOf } from '../testing/inquiry.ts'
import { refusal, success } from '../testing/sdr-bmc.ts'
import { type SelBmc, selBmc, selRecord } from '../testing/sel-bmc.ts'
import { readSel } from './read.ts'

const many = Array.from({ length: 300 }, (_, index) => selRecord(index + 1))

async function read(limit: number, records = many, bends: Partial<SelBmc> = {}) {
  const inquiry = inquiryOf(selBmc(records, bends).answer)
  const found = await readSel(inquiry, limit)
  return { ids: found.map((record) => record.readUInt16LE(0)), commands: inquiry.asked.length }
}

test('the newest of many entries are found without walking through all', async () => {
  expect(await read(10)).toEqual({ ids: [291, 292, 293, 294, 295, 296, 297, 298, 299, 300], commands: 12 })
})

test('all entries, where there are no more than wanted', async () => {
  expect((await read(500)).ids).toEqual(many.map((record) => record.readUInt16LE(0)))
})

test('numbers with gaps: the walk begins anew, and is right', async () => {
  const gaps = [1, 2, 50, 51, 53].map(selRecord)
  expect((await read(3, gaps)).ids).toEqual([50, 51, 53])
})

test('numbers that have come round: the order of the log counts', async () => {
  const round = [0xfffd, 0xfffe, 1, 2].map(selRecord)
  expect((await read(3, round)).ids).toEqual([0xfffe, 1, 2])
})

describe('the same entries are read', () => {
  test.each<[string, Partial<SelBmc>]>([
    ['in parts of 8 bytes', { most: 8 }],
    ['in parts of 4 bytes', { most: 4 }],
    ['byte by byte', { most: 1 }],
    ['without a reservation', { most: 8, reservable: false }],
    ['under a reservation that is cancelled now and then', { most: 8, cancelAfter: 5 }],
  ])('%s', async (_, bends) => {
    const found = await readSel(inquiryOf(selBmc(many.slice(0, 9), bends).answer), 100)
    expect(found).toEqual(many.slice(0, 9))
  })
})

test('an empty log asks for no entry', async () => {
  expect(await read(10, [])).toEqual({ ids: [], commands: 1 })
})

describe('what cannot be', () => {
  test('a loop is one clear error', async () => {
    const inquiry = inquiryOf((command) =>
      command.number === 0x43 ? success([5, 0, ...selRecord(5)]) : selBmc(many).answer(command),
    )
    await expect(readSel(inquiry, 1000)).rejects.toMatchObject({
      code: 'bmc-refused',
      message: expect.stringContaining('loops'),
    })
  })

  test('a reply without the next record is one clear error', async () => {
    const inquiry = inquiryOf((command) =>
      command.number === 0x43 ? success([1]) : selBmc(many).answer(command),
    )
    await expect(readSel(inquiry, 10)).rejects.toMatchObject({ code: 'bmc-refused' })
  })

  test('an information that is cut short is one clear error', async () => {
    await expect(
      readSel(
        inquiryOf(() => success([0x51, 1])),
        10,
      ),
    ).rejects.toMatchObject({ code: 'bmc-refused' })
  })

  test('a reservation that never holds ends, without that entry', async () => {
    expect((await read(10, many.slice(0, 3), { most: 8, cancelAfter: 1 })).ids).toEqual([])
  })

  test('a log that is cleared under way gives what was read until then', async () => {
    const bmc = selBmc(many.slice(0, 20))
    const inquiry = inquiryOf((command) => {
      const reply = bmc.answer(command)
      if (inquiry.asked.length === 8) bmc.records = []
      return reply
    })
    const found = await readSel(inquiry, 100)
    expect(found.map((record) => record.readUInt16LE(0))).toEqual([1, 2, 3, 4, 5, 6, 7])
  })

  test('a BMC without log says so', async () => {
    await expect(
      readSel(
        inquiryOf(() => refusal(0xc1)),
        10,
      ),
    ).rejects.toMatchObject({ code: 'bmc-unsupported' })
  })
})

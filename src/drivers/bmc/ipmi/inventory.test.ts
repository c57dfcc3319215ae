import { describe, expect, test } from 'vitest'
import { readInventory } from './inventory.ts'
import type { Command, Reply } from './message.ts'
import { SdrCache } from './sdr/sdrs.ts'
import { inquiryOf } from './testing/inquiry.ts'
import { refusal, sdrBmc, success } from './testing/sdr-bmc.ts'

/** A header, then a board "Acme", "X1", "S-1", "P9". */
const fru = Buffer.from(
  '01000001000000fe' + '010419000000c441636d65c25831c3532d31c25039c1000000000000000000dd',
  'hex',
)

/** Entity 7, the system board, is FRU device 5; entity 32, a memory module, is device 4. */
const locators = [
  [1, 4, 0x20],
  [2, 5, 0x07],
].map(([id = 0, device = 0, entity = 0]) => {
  const body = [0x20, device, 0x80, 0, 0, 0x10, 0, entity, 1, 0, 0xc1, 0x41]
  return Buffer.from([id, 0, 0x51, 0x11, body.length, ...body])
})

/** A BMC with FRU data in the given devices. */
function bmc(devices: Record<number, Buffer>): (command: Command) => Reply {
  const sdrs = sdrBmc(locators)
  return (command) => {
    const { netFn, number, data } = command
    if (netFn === 0x06 && number === 0x01) return success([0x20, 1, 2, 0x34, 2, 0xbf, 0xa2, 2, 0, 0, 1])
    if (netFn === 0x0a && (number === 0x10 || number === 0x11)) {
      const bytes = devices[data[0] ?? 0]
      if (bytes === undefined) return refusal(0xcb)
      if (number === 0x10) return success([bytes.length, 0, 0])
      const offset = data.readUInt16LE(1)
      const part = bytes.subarray(offset, offset + (data[3] ?? 0))
      return success([part.length, ...part])
    }
    return sdrs.answer(command)
  }
}

const nothing = { manufacturer: null, model: null, serial: null, uuid: null, bmcUuid: null }

test('the board speaks for a machine without product data', async () => {
  const read = await readInventory(inquiryOf(bmc({ 0: fru })), new SdrCache())
  expect(read).toEqual({
    ...nothing,
    ...{ manufacturer: 'Acme', model: 'X1', serial: 'S-1', firmware: '2.34' },
    disks: [],
    notes: [],
  })
})

describe('where FRU device 0 is missing or broken', () => {
  test('the device of the system board is read, as its record says', async () => {
    const inquiry = inquiryOf(bmc({ 4: Buffer.alloc(8), 5: fru }))
    expect(await readInventory(inquiry, new SdrCache())).toMatchObject({ serial: 'S-1', notes: [] })
    expect(inquiry.asked.some((asked) => asked.startsWith('281004'))).toBe(false)
  })

  test('the notes say what was not believed', async () => {
    const broken = Buffer.from(fru)
    broken[12] = 0xff
    const read = await readInventory(inquiryOf(bmc({ 0: broken })), new SdrCache())
    expect(read).toMatchObject({ ...nothing, notes: ['FRU 0: the checksum of the board area is wrong'] })
  })

  test('there is nothing to tell, and a note', async () => {
    const read = await readInventory(inquiryOf(bmc({})), new SdrCache())
    expect(read).toMatchObject({
      ...nothing,
      firmware: '2.34',
      notes: ['the BMC has no FRU data of the machine'],
    })
  })
})

test('an answer to Get Device ID that is cut short is one clear error', async () => {
  const read = readInventory(
    inquiryOf(() => success([0x20, 1])),
    new SdrCache(),
  )
  await expect(read).rejects.toMatchObject({ code: 'bmc-refused' })
})

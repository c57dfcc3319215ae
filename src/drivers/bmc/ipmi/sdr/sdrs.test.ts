import { describe, expect, test } from 'vitest'
import { inquiryOf } from '../testing/inquiry.ts'
import { compact, refusal, type SdrBmc, sdrBmc, success } from '../testing/sdr-bmc.ts'
import { SdrCache, SdrCaches } from './sdrs.ts'

const three = [compact(1, 'PSU1'), compact(2, 'PSU2'), compact(9, 'PSU3')]

async function names(records: Buffer[], bends: Partial<SdrBmc> = {}): Promise<string[]> {
  const { sensors } = await new SdrCache().get(inquiryOf(sdrBmc(records, bends).answer))
  return sensors.map((sensor) => sensor.name)
}

describe('the same records are read', () => {
  test.each<[string, Partial<SdrBmc>]>([
    ['whole', {}],
    ['in parts of 32 bytes', { most: 32 }],
    ['in parts of 16 bytes', { most: 16 }],
    ['in parts of 8 bytes', { most: 8 }],
    ['without a reservation', { reservable: false, most: 16 }],
    ['under a reservation that is cancelled again and again', { most: 16, cancelAfter: 7 }],
    ['from the controller, without a repository', { repository: false }],
    ['from the controller, in parts', { repository: false, most: 16 }],
    ['from a controller that names no LUN', { repository: false, luns: 0 }],
  ])('%s', async (_, bends) => {
    expect(await names(three, bends)).toEqual(['PSU1', 'PSU2', 'PSU3'])
  })
})

test('an empty repository gives way to the records of the controller', async () => {
  const own = sdrBmc(three, { repository: false })
  const inquiry = inquiryOf((command) =>
    command.netFn === 0x0a && command.number === 0x20 ? success(Array(14).fill(0)) : own.answer(command),
  )
  expect((await new SdrCache().get(inquiry)).sensors).toHaveLength(3)
})

test('records of several LUNs are asked for there', async () => {
  const bmc = sdrBmc(three, { repository: false, luns: 0b1001 })
  const inquiry = inquiryOf(bmc.answer)
  await new SdrCache().get(inquiry)
  expect(inquiry.asked.filter((it) => it.startsWith('1021')).length).toBe(3)
  expect(inquiry.asked.filter((it) => it.startsWith('1321')).length).toBe(3)
})

test('a BMC with neither has no sensors', async () => {
  expect((await new SdrCache().get(inquiryOf(() => refusal(0xc1)))).sensors).toEqual([])
})

describe('records are read again only', () => {
  test('when the BMC says that they have changed', async () => {
    const bmc = sdrBmc([...three])
    const cache = new SdrCache()
    const first = inquiryOf(bmc.answer)
    await cache.get(first)
    const second = inquiryOf(bmc.answer)
    await cache.get(second)
    expect(second.asked).toEqual(['2820'])
    bmc.records.push(compact(10, 'PSU4'))
    bmc.stamp += 1
    expect((await cache.get(inquiryOf(bmc.answer))).sensors).toHaveLength(4)
  })

  test('when many other BMCs were looked at meanwhile', () => {
    const caches = new SdrCaches()
    const first = caches.of('bmc-0')
    expect(caches.of('bmc-0')).toBe(first)
    for (let bmc = 1; bmc <= 500; bmc += 1) caches.of(`bmc-${bmc}`)
    expect(caches.of('bmc-0')).not.toBe(first)
  })
})

describe('what cannot be is one clear error, or is skipped with its reason', () => {
  test('a list that loops', async () => {
    const loop = [compact(1, 'A'), compact(2, 'B'), compact(1, 'A')]
    await expect(names(loop)).rejects.toMatchObject({
      code: 'bmc-refused',
      message: expect.stringMatching(/loops at record 2/),
    })
  })

  test('a list without end', async () => {
    let id = 0
    const inquiry = inquiryOf((command) => {
      if (command.number !== 0x23) return sdrBmc(three).answer(command)
      id = (id + 1) % 0xfffe
      return success([(id + 1) & 0xff, (id + 1) >> 8, ...compact(id, 'X')])
    })
    await expect(new SdrCache().get(inquiry)).rejects.toMatchObject({
      message: expect.stringMatching(/more than 4096 records/),
    })
  })

  test('a reservation that never holds', async () => {
    await expect(names(three, { most: 16, cancelAfter: 1 })).rejects.toMatchObject({
      code: 'bmc-refused',
      message: expect.stringMatching(/reservation/),
    })
  })

  test('a BMC that never sends even eight bytes', async () => {
    await expect(names(three, { most: 4 })).rejects.toMatchObject({ code: 'bmc-refused' })
  })

  test('replies without data', async () => {
    const inquiry = inquiryOf((command) =>
      command.number === 0x23 ? success([0xff, 0xff]) : sdrBmc(three).answer(command),
    )
    await expect(new SdrCache().get(inquiry)).rejects.toMatchObject({ code: 'bmc-refused' })
  })

  test('records that share themselves into thousands of sensors', async () => {
    const many = Array.from({ length: 400 }, (_, index) => compact(index + 1, 'X', { sharing: [0x0f, 1] }))
    await expect(names(many)).rejects.toMatchObject({
      message: expect.stringMatching(/more than 4096 sensors/),
    })
  })

  test('a record whose name goes beyond its end is left out, and said so', async () => {
    const broken = compact(2, 'PSU2')
    broken[31] = 0xdf
    const { sensors, faults } = await new SdrCache().get(
      inquiryOf(sdrBmc([compact(1, 'PSU1'), broken]).answer),
    )
    expect(sensors.map((it) => it.name)).toEqual(['PSU1'])
    expect(faults).toEqual([{ record: 2, why: 'the record is cut short' }])
  })
})

test.each([
  [
    [0x03, 1],
    ['PSU 1', 'PSU 2', 'PSU 3'],
  ],
  [
    [0x12, 0],
    ['PSU A', 'PSU B'],
  ],
  [
    [0x12, 25],
    ['PSU Z', 'PSU AA'],
  ],
  [[0x01, 5], ['PSU']],
])('a shared record %j stands for %j', async (sharing, expected) => {
  expect(await names([compact(1, 'PSU ', { sharing })])).toEqual(expected)
})

import { describe, expect, test } from 'vitest'
import type { Sdrs } from '../sdr/sdrs.ts'
import type { Sensor } from '../sdr/sensor-record.ts'
import { inquiryOf } from '../testing/inquiry.ts'
import { refusal, success } from '../testing/sdr-bmc.ts'
import { judge, readSensors } from './sensors.ts'

const factors = { m: 2, b: 0, bExponent: 0, rExponent: 0 }

function sensor(fields: Partial<Sensor> = {}): Sensor {
  return {
    ...{ name: 'S', owner: 0x20, lun: 0, number: 1, type: 1, eventType: 1, readable: true, mask: 0x3f },
    analog: {
      ...{ format: 'unsigned', factors, linearisation: 0 },
      units: { percentage: false, compound: false, base: 1 },
    },
    ...fields,
  }
}

function sdrs(...sensors: Sensor[]): Sdrs {
  return { sensors, frus: [], faults: [] }
}

async function read(reply: Parameters<typeof success>[0], fields: Partial<Sensor> = {}) {
  const [reading] = await readSensors(
    inquiryOf(() => success(reply)),
    sdrs(sensor(fields)),
  )
  return reading
}

describe('a threshold sensor', () => {
  test.each([
    [[30, 0xc0, 0x00], 60, 'ok'],
    [[30, 0xc0, 0xc0], 60, 'ok'],
    [[30, 0xc0, 0x08], 60, 'warning'],
    [[30, 0xc0, 0x18], 60, 'critical'],
    [[30, 0xc0, 0x01], 60, 'warning'],
    [[30, 0xc0, 0x07], 60, 'critical'],
    // The BMC compares with nothing.
    [[30, 0xc0], 60, 'unknown'],
    // Not scanned; and not read yet.
    [[30, 0x80, 0x00], null, 'unknown'],
    [[30, 0xe0, 0x00], null, 'unknown'],
  ])('%j is %s, %s', async (reply, value, health) => {
    expect(await read(reply)).toMatchObject({ value, health })
  })

  test('without thresholds has no health', async () => {
    expect(await read([30, 0xc0, 0x3f], { mask: 0 })).toMatchObject({ health: 'unknown', states: [] })
  })

  test('is judged by the thresholds that it has', async () => {
    expect(await read([30, 0xc0, 0x3f], { mask: 0x08 })).toMatchObject({
      health: 'warning',
      states: ['at or above upper non-critical threshold'],
    })
  })

  test.each([
    [2, 50, '°C', 10],
    [3, 100, '°C', -73.15],
    [18, 100, 'rpm', 200],
    [6, 100, 'W', 200],
    [200, 100, '', 200],
  ])('in base unit %i reads %i', async (base, raw, unit, value) => {
    const analog = { format: 'unsigned' as const, factors, linearisation: 0 }
    const units = { percentage: false, compound: false, base }
    expect(await read([raw, 0xc0, 0], { analog: { ...analog, units } })).toMatchObject({
      unit,
      value: base === 2 ? expect.closeTo(((100 - 32) * 5) / 9) : value,
    })
  })

  test('whose factors depend on the reading asks for them', async () => {
    const analog = { format: 'unsigned' as const, factors, linearisation: 0x70 }
    const units = { percentage: false, compound: false, base: 4 }
    const bmc = inquiryOf(({ number }) =>
      // Next reading, then M = 3 and an exponent of -1.
      number === 0x23 ? success([0, 3, 0, 0, 0, 0, 0xf0]) : success([50, 0xc0, 0]),
    )
    const [reading] = await readSensors(bmc, sdrs(sensor({ analog: { ...analog, units } })))
    expect(reading).toMatchObject({ value: 15, unit: 'V' })
    expect(bmc.asked).toEqual(['102d01', '10230132'])
  })
})

describe('a discrete sensor', () => {
  const supply = { type: 8, eventType: 0x6f, mask: 0xff, analog: undefined }

  test.each([
    [[0, 0xc0, 0x01], 'ok', ['presence detected']],
    [[0, 0xc0, 0x03], 'critical', ['presence detected', 'failure detected']],
    [[0, 0xc0, 0x05], 'warning', ['presence detected', 'predictive failure']],
    [[0, 0xc0, 0x00], 'ok', []],
    [[0, 0xc0, 0x80, 0x80], 'ok', ['inactive (standby)']],
  ])('%j is %s', async (reply, health, states) => {
    expect(await read(reply, supply)).toMatchObject({ value: null, unit: '', health, states })
  })

  test('of a fan or a temperature', () => {
    expect(judge(sensor({ eventType: 0x07, type: 4, mask: 0 }), 0b100)).toEqual({
      health: 'critical',
      states: ['critical'],
    })
    expect(judge(sensor({ eventType: 0x05, type: 1, mask: 0 }), 0b10)).toEqual({
      health: 'warning',
      states: ['limit exceeded'],
    })
  })

  test('with states of the maker has no health, unless a known one is bad', () => {
    expect(judge(sensor({ eventType: 0x70, type: 0xc0, mask: 0 }), 0b1000)).toEqual({
      health: 'unknown',
      states: ['state 3'],
    })
    expect(judge(sensor({ ...supply, mask: 0 }), (1 << 9) | 2)).toEqual({
      health: 'critical',
      states: ['failure detected', 'state 9'],
    })
  })
})

describe('what is not read says why', () => {
  test.each([
    [refusal(0xcb), []],
    [refusal(0xd3), ['not read: destination unavailable (0xD3)']],
    [success([5]), ['not read: a reading that is cut short']],
  ])('%j', async (reply, states) => {
    const [reading] = await readSensors(
      inquiryOf(() => reply),
      sdrs(sensor()),
    )
    expect(reading).toMatchObject({ value: null, health: 'unknown', states })
  })

  test('a sensor of another controller is not asked of this one', async () => {
    const bmc = inquiryOf(() => success([1, 0xc0, 0]))
    const [reading] = await readSensors(bmc, sdrs(sensor({ owner: 0x2c })))
    expect(reading?.states).toEqual(['not read: it belongs to the controller at 2Ch'])
    expect(bmc.asked).toEqual([])
  })

  test('a sensor behind another LUN is asked there', async () => {
    const bmc = inquiryOf(() => success([1, 0xc0, 0]))
    await readSensors(bmc, sdrs(sensor({ lun: 2 })))
    expect(bmc.asked).toEqual(['122d01'])
  })

  test('a record that was not understood is in the list', async () => {
    const faults = [{ record: 7, why: 'the record is cut short' }]
    const [reading] = await readSensors(
      inquiryOf(() => refusal(0xc1)),
      { ...sdrs(), faults },
    )
    expect(reading).toMatchObject({ name: 'record 7', states: ['not understood: the record is cut short'] })
  })
})

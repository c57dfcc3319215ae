import { expect, test } from 'vitest'
import { goIpmiReading, ipmiSimReading } from './fixtures/recorded-readings.ts'
import { readInventory } from './inventory.ts'
import { SdrCache } from './sdr/sdrs.ts'
import { readEventLog } from './sel/event-log.ts'
import { readSensors } from './sensor/sensors.ts'
import { replayed } from './testing/inquiry.ts'

test("the inventory of OpenIPMI's simulator, whose FRU reads are short", async () => {
  const bmc = replayed(ipmiSimReading)
  expect(await readInventory(bmc, new SdrCache())).toEqual({
    manufacturer: 'Example Corp',
    model: 'Rack Server 9',
    serial: 'SN-1234567890',
    uuid: '674523a1-ab89-efcd-a123-456789000001',
    firmware: '9.08',
    bmcUuid: null,
    disks: [],
    notes: [],
  })
})

test("the sensors of OpenIPMI's simulator, whose records come in parts", async () => {
  const bmc = replayed(ipmiSimReading)
  const sensors = await readSensors(bmc, await new SdrCache().get(bmc))
  expect(sensors.map(({ name, value, unit, health }) => `${name}: ${value} ${unit}, ${health}`)).toEqual([
    'CPU Temp: 45 °C, ok',
    'Ambient: -5 °C, unknown',
    'P12V: 12.077 V, unknown',
    'FAN 1: 375 rpm, critical',
    'Pwr Consumption: 340 W, unknown',
    'Square: 39.69 V, unknown',
    'FAN 2 Duty: 40 %, unknown',
    'PSU1 Status: null , critical',
    'Fan Redundancy: null , warning',
    'DIMM A: null , ok',
    'DIMM B: null , critical',
    'DIMM C: null , unknown',
  ])
})

test("the event log of OpenIPMI's simulator, before and after its clock was set", async () => {
  const bmc = replayed(ipmiSimReading)
  const entries = await readEventLog(bmc, new SdrCache(), 100)
  expect(entries.map(({ id, at, severity }) => [id, at, severity])).toEqual([
    ['1', null, 'critical'],
    ['2', null, 'critical'],
    ['3', null, 'info'],
    ['4', null, 'critical'],
    ['5', null, 'info'],
    ['6', '2026-11-23T08:00:00.000Z', 'info'],
  ])
  expect(entries.at(-1)).toMatchObject({ source: 'PSU1 Status', message: 'presence detected' })
})

test("the inventory of go-ipmi's server, whose FRU reads are long", async () => {
  expect(await readInventory(replayed(goIpmiReading), new SdrCache())).toMatchObject({
    manufacturer: 'Example Corp',
    serial: 'SN-1234567890',
    uuid: null,
    firmware: '1.00',
  })
})

test('a BMC without event log says so', async () => {
  const log = readEventLog(replayed(goIpmiReading), new SdrCache(), 10)
  await expect(log).rejects.toMatchObject({ code: 'bmc-unsupported' })
})

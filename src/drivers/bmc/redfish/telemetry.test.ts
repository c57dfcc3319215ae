import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Rig } from './testing/rig.ts'
import { startRig } from './testing/rig.ts'

let rig: Rig
let resources: Record<string, unknown>

const at = (path: string) => ({ '@odata.id': `/redfish/v1/${path}` })
const members = (...paths: string[]) => ({ Members: paths.map(at) })

beforeEach(async () => {
  rig = await startRig()
  resources = {}
  rig.fake.machine.extra = { Links: { Chassis: [at('Chassis/1')], ManagedBy: [at('Managers/1')] } }
  rig.fake.answer = (ask) => {
    const body = resources[ask.path.replace('/redfish/v1/', '')]
    return ask.method === 'GET' && body !== undefined ? { status: 200, body } : undefined
  }
})
afterEach(() => rig.stop())

const inventory = () => rig.bmc.inventory?.inventory()
const sensors = () => rig.bmc.sensors?.sensors()
const log = (limit: number) => rig.bmc.eventLog?.eventLog({ limit })

describe('inventory', () => {
  const extra = (more: object) => Object.assign(rig.fake.machine.extra, more)

  test('of a BMC that tells the least', async () => {
    expect(await inventory()).toEqual({
      manufacturer: 'Contoso',
      model: 'Server 9',
      serial: 'S-1',
      uuid: 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11',
      firmware: null,
      disks: [],
    })
  })

  test('has the drives of Storage, each once', async () => {
    extra({ Storage: at('Storage') })
    Object.assign(resources, {
      'Managers/1': { FirmwareVersion: '7.10.30' },
      Storage: members('Storage/A', 'Storage/B'),
      'Storage/A': { Id: 'A', Drives: [at('Drives/0'), at('Drives/1')] },
      'Storage/B': { Id: 'B', Drives: [at('Drives/1'), at('Drives/gone')] },
      'Drives/0': {
        Id: '0',
        Name: 'Disk 0',
        SerialNumber: 'W1',
        Model: 'SSD',
        CapacityBytes: 960_000_000_000,
      },
      'Drives/1': { Id: '1', SerialNumber: null, Model: 'x'.repeat(900), CapacityBytes: 'many' },
    })
    const found = await inventory()
    expect(found?.firmware).toBe('7.10.30')
    expect(found?.disks).toEqual([
      { name: 'Disk 0', serial: 'W1', model: 'SSD', sizeBytes: 960_000_000_000 },
      { name: '1', serial: null, model: 'x'.repeat(200), sizeBytes: null },
    ])
  })

  test('has the devices of SimpleStorage where there is no Storage', async () => {
    extra({ SimpleStorage: at('Simple') })
    Object.assign(resources, {
      Simple: members('Simple/1'),
      'Simple/1': { Id: '1', Devices: [{ Name: 'sda', Model: 'HDD', CapacityBytes: 1000 }] },
    })
    expect((await inventory())?.disks).toEqual([{ name: 'sda', serial: null, model: 'HDD', sizeBytes: 1000 }])
  })

  test('has the drives of the chassis at last', async () => {
    Object.assign(resources, {
      'Chassis/1': { Drives: at('Chassis/1/Drives') },
      'Chassis/1/Drives': members('Chassis/1/Drives/0'),
      'Chassis/1/Drives/0': { Name: 'Bay 0', SerialNumber: 'C0' },
    })
    expect((await inventory())?.disks).toEqual([
      { name: 'Bay 0', serial: 'C0', model: null, sizeBytes: null },
    ])
  })

  test('follows pages, and no page for ever', async () => {
    extra({ Storage: at('Storage') })
    Object.assign(resources, {
      Storage: { ...members('Storage/A'), 'Members@odata.nextLink': '/redfish/v1/Storage?page=2' },
      'Storage?page=2': { ...members('Storage/B'), 'Members@odata.nextLink': '/redfish/v1/Storage?page=2' },
      'Storage/A': { Id: 'A', Drives: [at('Drives/0')] },
      'Storage/B': { Id: 'B', Drives: [at('Drives/1')] },
      'Drives/0': { Id: '0' },
      'Drives/1': { Id: '1' },
    })
    expect((await inventory())?.disks.map((disk) => disk.name)).toEqual(['0', '1'])
    expect(rig.fake.seen.filter((ask) => ask.path.includes('page=2')).length).toBeLessThan(25)
  })
})

describe('sensors', () => {
  test('of Thermal and Power', async () => {
    Object.assign(resources, {
      'Chassis/1': { Thermal: at('Thermal'), Power: at('Power'), Sensors: at('Sensors') },
      Thermal: {
        Temperatures: [
          { Name: 'Inlet', ReadingCelsius: 23.5, Status: { Health: 'OK', State: 'Enabled' } },
          { Name: 'CPU 2', ReadingCelsius: null, Status: { State: 'Absent' } },
        ],
        Fans: [{ FanName: 'Fan 1', Reading: 40, ReadingUnits: 'Percent', Status: { Health: 'Warning' } }],
      },
      Power: {
        PowerControl: [{ Name: 'System', PowerConsumedWatts: 310 }],
        Voltages: [{ Name: 'VCORE', ReadingVolts: 1.8, Status: { Health: 'Critical', State: 'Enabled' } }],
        PowerSupplies: 'none of these',
      },
    })
    expect(await sensors()).toEqual([
      { name: 'Inlet', kind: 'temperature', value: 23.5, unit: '°C', health: 'ok', states: [] },
      { name: 'CPU 2', kind: 'temperature', value: null, unit: '°C', health: 'unknown', states: ['Absent'] },
      { name: 'Fan 1', kind: 'fan', value: 40, unit: '%', health: 'warning', states: [] },
      { name: 'System', kind: 'power', value: 310, unit: 'W', health: 'unknown', states: [] },
      { name: 'VCORE', kind: 'voltage', value: 1.8, unit: 'V', health: 'critical', states: [] },
    ])
  })

  const temperature = {
    Id: 't1',
    Name: 'Inlet',
    ReadingType: 'Temperature',
    Reading: 21,
    Status: { Health: 'OK' },
  }

  test('one by one, on newer BMCs', async () => {
    Object.assign(resources, {
      'Chassis/1': { Sensors: at('Sensors') },
      Sensors: members('Sensors/t1', 'Sensors/f1'),
      'Sensors/t1': temperature,
      'Sensors/f1': { Id: 'f1', ReadingType: 'Rotational', Reading: 9000, ReadingUnits: 'RPM' },
    })
    expect(await sensors()).toMatchObject([
      { name: 'Inlet', kind: 'temperature', value: 21, health: 'ok' },
      { name: 'f1', kind: 'fan', value: 9000, unit: 'rpm' },
    ])
  })

  test('in one answer, where the BMC can expand', async () => {
    Object.assign(resources, {
      '': { Systems: at('Systems'), ProtocolFeaturesSupported: { ExpandQuery: { NoLinks: true } } },
      'Chassis/1': { Sensors: at('Sensors') },
      'Sensors?$expand=.': { Members: [{ ...at('Sensors/t1'), ...temperature }] },
    })
    expect(await sensors()).toMatchObject([{ name: 'Inlet', value: 21 }])
  })

  test('from the summary, where there is nothing else', async () => {
    Object.assign(resources, {
      'Chassis/1': { EnvironmentMetrics: at('Metrics') },
      Metrics: {
        TemperatureCelsius: { Reading: 25 },
        PowerWatts: { Reading: 200 },
        FanSpeedsPercent: [{ Reading: 30 }, { SpeedRPM: 8000, DeviceName: 'Rear' }],
      },
    })
    expect(await sensors()).toMatchObject([
      { kind: 'temperature', value: 25 },
      { kind: 'power', value: 200, unit: 'W' },
      { name: 'Fan 1', value: 30, unit: '%' },
      { name: 'Rear', value: 8000, unit: 'rpm' },
    ])
  })

  test('none, where there are none', async () => {
    expect(await sensors()).toEqual([])
  })
})

describe('the event log', () => {
  const entry = (id: number, more: object = {}) => ({
    ...at(`Log/${id}`),
    Id: String(id),
    Created: new Date(Date.UTC(2026, 0, 1) + id * 60_000).toISOString(),
    Severity: 'OK',
    SensorType: 'Fan',
    Message: `entry ${id}`,
    ...more,
  })

  beforeEach(() => {
    rig.fake.machine.extra.LogServices = at('LogServices')
    Object.assign(resources, {
      LogServices: members('LogServices/Audit', 'LogServices/SEL'),
      'LogServices/Audit': { Id: 'Audit', Entries: at('Audit') },
      'LogServices/SEL': { Id: 'SEL', LogEntryType: 'SEL', Entries: at('Log') },
    })
  })

  test('is the one like IPMI’s, newest entries, oldest first, whichever order the BMC has', async () => {
    resources.Log = { Members: [3, 2, 4, 1].map((id) => entry(id, id === 4 ? { Severity: 'Critical' } : {})) }
    expect(await log(2)).toEqual([
      { id: '3', at: '2026-01-01T00:03:00.000Z', severity: 'info', source: 'Fan', message: 'entry 3' },
      { id: '4', at: '2026-01-01T00:04:00.000Z', severity: 'critical', source: 'Fan', message: 'entry 4' },
    ])
  })

  test('has no time where the clock of the BMC was not set', async () => {
    resources.Log = {
      Members: [entry(1, { Created: '1970-01-01T00:00:42Z' }), entry(2, { Created: 'soon' })],
    }
    expect((await log(10))?.map((one) => one.at)).toEqual([null, null])
  })

  test('of links alone: only the newest are read', async () => {
    resources.Log = members(...[1, 2, 3, 4, 5].map((id) => `Log/${id}`))
    for (const id of [1, 2, 3, 4, 5]) resources[`Log/${id}`] = entry(id)
    expect((await log(2))?.map((one) => one.id)).toEqual(['4', '5'])
    expect(rig.fake.seen.filter((ask) => /Log\/\d/.test(ask.path))).toHaveLength(2)
  })

  test('may be the BMC’s own; without any, it is said', async () => {
    rig.fake.machine.extra.LogServices = undefined
    resources['Managers/1'] = { LogServices: at('LogServices') }
    resources.Log = { Members: [entry(1)] }
    expect(await log(5)).toHaveLength(1)
    resources['Managers/1'] = {}
    await expect(log(5)).rejects.toMatchObject({ code: 'bmc-unsupported' })
  })
})

describe('the identify light', () => {
  const identify = (seconds: number | 'forever') => rig.bmc.identifyLight?.identify(seconds)

  test('is switched on, and off by itself after the time', async () => {
    await identify('forever')
    expect(rig.fake.machine.light.LocationIndicatorActive).toBe(true)
    await identify(0)
    expect(rig.fake.machine.light.LocationIndicatorActive).toBe(false)
    await identify(1)
    expect(rig.fake.machine.light.LocationIndicatorActive).toBe(true)
    await expect.poll(() => rig.fake.machine.light.LocationIndicatorActive, { timeout: 5000 }).toBe(false)
  })

  test('of older BMCs blinks, or is lit where it cannot blink', async () => {
    rig.fake.machine.light = { IndicatorLED: 'Off' }
    await identify('forever')
    expect(rig.fake.machine.light.IndicatorLED).toBe('Blinking')
    await identify(0)
    rig.fake.answer = (ask) => (ask.body?.IndicatorLED === 'Blinking' ? { status: 400 } : undefined)
    await identify('forever')
    expect(rig.fake.machine.light.IndicatorLED).toBe('Lit')
  })

  test('that is not there is said', async () => {
    rig.fake.machine.light = {}
    await expect(identify('forever')).rejects.toMatchObject({ code: 'bmc-unsupported' })
  })
})

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createIpmiDriver, type IpmiDriver } from '../../src/drivers/bmc/ipmi/driver.ts'
import type { Bmc, BmcInventory, BmcLogEntry, SensorReading } from '../../src/drivers/bmc/types.ts'
import { fruBytes } from './support/fru-bytes.ts'
import { buildGoIpmi, type GoIpmiPeer, type GoIpmiProgram } from './support/goipmi/peer.ts'
import { heldHost } from './support/host-lease.ts'
import { type IpmiSim, startIpmiSim } from './support/ipmi-sim.ts'
import { ipmitool, type Login } from './support/ipmi-tools.ts'
import { compactRecord, eventOnlyRecord, fruLocator, fullRecord } from './support/sdr-bytes.ts'
import { contents, machineCommands } from './support/sim-machine.ts'

let driver: IpmiDriver

beforeEach(() => {
  driver = createIpmiDriver({ requestTimeoutMs: 2000, retransmitMs: 200 })
})

function open(address: string, username = 'admin'): Bmc {
  return driver.open({ address, username, password: 'secret' })
}

function inventory(bmc: Bmc): Promise<BmcInventory | undefined> | undefined {
  return bmc.inventory?.inventory()
}

async function sensors(bmc: Bmc): Promise<SensorReading[]> {
  return (await bmc.sensors?.sensors()) ?? []
}

async function log(bmc: Bmc, limit = 100): Promise<BmcLogEntry[]> {
  return (await bmc.eventLog?.eventLog({ limit })) ?? []
}

describe("OpenIPMI's ipmi_sim, beside what ipmitool reads from it", () => {
  let sim: IpmiSim
  let login: Login

  beforeEach(async () => {
    sim = await startIpmiSim({ emulator: machineCommands })
    const [address = '', port = ''] = sim.address.split(':')
    login = { address, port: Number(port), username: 'admin', password: 'secret' }
  })

  afterEach(async () => {
    await driver.close()
    await sim?.stop()
  })

  async function tool(...command: string[]): Promise<string[][]> {
    const { exit, stdout, stderr } = await ipmitool(login, 3, ...command)
    if (exit !== 0) throw new Error(stderr)
    return stdout
      .trim()
      .split('\n')
      .map((line) => line.split('|').map((cell) => cell.trim()))
  }

  test('sensors: the same names, values and units', async () => {
    const ours = await sensors(open(sim.address))
    const units: Record<string, string> = {
      'degrees C': '°C',
      Volts: 'V',
      RPM: 'rpm',
      Watts: 'W',
      percent: '%',
    }
    const numeric = (await tool('sensor')).filter(([, , unit]) => unit !== 'discrete')
    expect(numeric.length).toBe(7)
    for (const [name, value, unit = ''] of numeric) {
      const own = ours.find((reading) => reading.name === name)
      expect(own, name).toMatchObject({ unit: units[unit] })
      expect(own?.value, name).toBeCloseTo(Number(value), 2)
    }
  })

  test('sensors: health by thresholds, and the states of power supplies, fans and memory', async () => {
    const ours = await sensors(open(sim.address))
    const status = Object.fromEntries((await tool('sensor')).map(([name, , , state]) => [name, state]))
    expect(status).toMatchObject({ 'CPU Temp': 'ok', 'FAN 1': 'cr' })
    expect(ours.map(({ name, kind, health, states }) => [name, kind, health, states.join(', ')])).toEqual([
      ['CPU Temp', 'temperature', 'ok', ''],
      ['Ambient', 'temperature', 'unknown', ''],
      ['P12V', 'voltage', 'unknown', ''],
      [
        ...['FAN 1', 'fan', 'critical'],
        'at or below lower non-critical threshold, at or below lower critical threshold',
      ],
      ['Pwr Consumption', 'power', 'unknown', ''],
      ['Square', 'voltage', 'unknown', ''],
      ['FAN 2 Duty', 'fan', 'unknown', ''],
      ['PSU1 Status', 'power', 'critical', 'presence detected, input lost'],
      ['Fan Redundancy', 'fan', 'warning', 'redundancy lost'],
      ['DIMM A', 'other', 'ok', 'presence detected'],
      ['DIMM B', 'other', 'critical', 'uncorrectable ECC error, presence detected'],
      // The third of the shared record is in no simulator: it says what the BMC said.
      ['DIMM C', 'other', 'unknown', 'not read: invalid data field in request (0xCC)'],
    ])
  })

  test('inventory: what ipmitool prints of the FRU, and the firmware', async () => {
    const fru = (await tool('fru', 'print')).map(([line = '']) => line)
    const read = await inventory(open(sim.address))
    expect(read).toMatchObject({
      manufacturer: contents.product.manufacturer,
      model: contents.product.name,
      serial: contents.product.serial,
      firmware: '9.08',
      disks: [],
      notes: [],
    })
    for (const value of [read?.manufacturer, read?.model, read?.serial])
      expect(fru.some((line) => line.startsWith('Product') && line.endsWith(`: ${value}`))).toBe(true)
    expect((await tool('mc', 'info')).flat().join()).toContain(': 9.08')
  })

  test('event log: every entry, in words, and the newest ones', async () => {
    const bmc = open(sim.address)
    const entries = await log(bmc)
    const theirs = await tool('sel', 'elist')
    expect(entries.map(({ id }) => Number(id).toString(16))).toEqual(theirs.map(([id]) => id))
    // Its clock was not set when it wrote, as ipmitool says too.
    expect(theirs.every(([, when]) => when === 'Pre-Init')).toBe(true)
    expect(entries.map(({ at }) => at)).toEqual(entries.map(() => null))
    expect(entries.map(({ severity, source, message }) => `${severity}: ${source}: ${message}`)).toEqual([
      'critical: PSU1 Status: input lost',
      'critical: CPU Temp: upper critical going high: reading 96 °C, threshold 95 °C',
      'info: CPU Temp: upper critical going high: reading 80 °C, threshold 95 °C, deasserted',
      'critical: System Firmware: firmware error: no usable system memory',
      'info: BMC: OEM record of maker 343 of type C1h: 010203040506h',
    ])
    expect((await log(bmc, 2)).map(({ id }) => id)).toEqual(['4', '5'])
    expect(await log(bmc, 0)).toEqual([])
  })

  test('event log: the time of what is written once the clock is set', async () => {
    const seconds = Date.UTC(2026, 10, 23, 8) / 1000
    const bytes = [0, 8, 16, 24].map((shift) => `0x${((seconds >>> shift) & 0xff).toString(16)}`)
    await tool('raw', '0x0a', '0x49', ...bytes)
    await tool('raw', '0x0a', '0x44', ...'0 0 2 0 0 0 0 0x20 0 4 8 8 0x6f 0 0xff 0xff'.split(' '))
    const [last] = (await log(open(sim.address))).slice(-1)
    expect(last?.at?.slice(0, 15)).toBe('2026-11-23T08:0')
  })

  test('event log: the newest ones though numbers are missing, as after entries were deleted', async () => {
    await tool('sel', 'delete', '3')
    const bmc = open(sim.address)
    expect((await log(bmc)).map(({ id }) => id)).toEqual(['1', '2', '4', '5'])
    expect((await log(bmc, 2)).map(({ id }) => id)).toEqual(['4', '5'])
    // The walk that begins three numbers before the end meets two entries only, so it begins anew.
    expect((await log(bmc, 3)).map(({ id }) => id)).toEqual(['2', '4', '5'])
  })

  test('an operator reads all of it too', async () => {
    expect((await sensors(open(sim.address, 'oper'))).length).toBe(12)
    expect(await log(open(sim.address, 'oper'))).toHaveLength(5)
  })

  test('the power is switched while a long reading goes on', async () => {
    const bmc = open(sim.address)
    const done: string[] = []
    const reading = sensors(bmc).then(() => done.push('sensors'))
    await bmc.powerOn(heldHost).then(() => done.push('power'))
    await reading
    expect(done).toEqual(['power', 'sensors'])
    expect(sim.power()).toBe('on')
  })

  test('the identify light', async () => {
    const light = open(sim.address).identifyLight
    await light?.identify(20)
    await light?.identify('forever')
    await light?.identify(0)
    expect(sim.changes()).toEqual(['identify 20 0', 'identify 0 1', 'identify 0 0'])
  })

  test('hard reset, once', async () => {
    const bmc = open(sim.address)
    await bmc.hardReset?.(heldHost)
    expect(sim.changes()).toEqual(['reset 1'])
  })
})

describe("go-ipmi's server", () => {
  let program: GoIpmiProgram
  let peer: GoIpmiPeer

  beforeAll(() => {
    program = buildGoIpmi()
  })

  afterEach(async () => {
    await driver.close()
    await peer?.stop()
  })

  afterAll(() => program?.remove())

  test('FRU data', async () => {
    peer = await program.start({ suites: [17], fru: fruBytes(contents) })
    expect(await inventory(open(peer.address))).toMatchObject({
      manufacturer: 'Example Corp',
      model: 'Rack Server 9',
      serial: 'SN-1234567890',
      bmcUuid: '000000f0-0000-0000-0000-00000000000d',
      uuid: null,
    })
  })

  test('no FRU data at all is nulls, and a note', async () => {
    peer = await program.start({ suites: [3] })
    expect(await inventory(open(peer.address))).toMatchObject({ serial: null, model: null, firmware: '1.00' })
  })

  test('sensor data records; it has no readings, and each sensor says so', async () => {
    peer = await program.start({
      suites: [17],
      sdrs: [
        fullRecord({ id: 1, number: 1, name: 'CPU Temp', type: 1, units: [0, 1], m: 1 }),
        compactRecord({ id: 2, number: 2, name: 'PSU1', type: 8, eventType: 0x6f, states: 0xff }),
        eventOnlyRecord({ id: 3, number: 3, name: 'POST', type: 0x0f, eventType: 0x6f }),
        fruLocator({ id: 4, device: 1, entity: 7, name: 'Board' }),
      ],
    })
    const read = await sensors(open(peer.address))
    expect(read.map(({ name, value, states }) => [name, value, states])).toEqual([
      ['CPU Temp', null, ['not read: invalid command (0xC1)']],
      ['PSU1', null, ['not read: invalid command (0xC1)']],
    ])
  })

  test('a user without more than USER privilege may read, and is refused the power by name', async () => {
    peer = await program.start({ suites: [17], fru: fruBytes(contents), privilege: 'user' })
    const bmc = open(peer.address)
    expect(await inventory(bmc)).toMatchObject({ serial: 'SN-1234567890' })
    await expect(bmc.powerOn(heldHost)).rejects.toMatchObject({
      code: 'bmc-auth',
      remedy: expect.stringContaining('OPERATOR'),
    })
    expect((await peer.state()).on).toBe(false)
  })

  test('hard reset, identify, and a boot device that is taken back', async () => {
    peer = await program.start({ suites: [17] })
    const bmc = open(peer.address)
    await bmc.powerOn(heldHost)
    await bmc.hardReset?.(heldHost)
    await bmc.identifyLight?.identify('forever')
    await bmc.setBootDevice(heldHost, 'network', { persistent: false, efi: true })
    await bmc.clearBootDevice?.(heldHost)
    expect(await peer.state()).toMatchObject({ resets: 1, identify: 255, bootFlags: '0000000000' })
    expect(await bmc.bootDevice()).toEqual({ device: 'none', persistent: false, valid: false })
  })
})

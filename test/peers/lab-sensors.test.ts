import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type RunningBmc, startBmc } from '../../lab/bmc/server.ts'
import { type StubMachine, stubMachine } from '../../lab/bmc/test-support/stub-machine.ts'
import { buildGoIpmiClient } from './support/goipmi-client/client.ts'
import { freeipmi, ipmitool, type Login, type Outcome } from './support/ipmi-tools.ts'
import { runPython } from './support/python.ts'

/** Sensors, event log and inventory of the lab's BMC as ipmitool, FreeIPMI and pyghmi read them. */

let machine: StubMachine
let bmc: RunningBmc
let login: Login

beforeEach(async () => {
  machine = stubMachine({ address: '127.0.7.31', port: 0 })
  bmc = await startBmc(machine)
  login = { ...machine.bmc, port: bmc.port }
})
afterEach(() => bmc.close())

function succeeded({ exit, stdout, stderr }: Outcome): string {
  if (exit !== 0) throw new Error(`exit ${exit}: ${stdout}${stderr}`)
  return stdout
}

async function tool(...command: string[]): Promise<string> {
  return succeeded(await ipmitool(login, 17, ...command))
}

/** FreeIPMI keeps the repository of each address between calls: in a folder of this test's own. */
const cache = mkdtempSync(join(tmpdir(), 'ferrule-sdr-'))
afterAll(() => rmSync(cache, { recursive: true }))

async function free(name: string, ...options: string[]): Promise<string> {
  return succeeded(await freeipmi(name, login, 17, ...options))
}

function cached(name: string, ...options: string[]): Promise<string> {
  return free(name, '--quiet-cache', '--sdr-cache-directory', cache, ...options)
}

/** Rows of a table with `|` between its columns. */
function rows(text: string): string[][] {
  return text
    .trim()
    .split('\n')
    .map((line) => line.split('|').map((cell) => cell.trim()))
}

function row(table: string[][], name: string): string[] {
  const found = table.find((cells) => cells.includes(name))
  if (found === undefined) throw new Error(`no ${name} in ${JSON.stringify(table)}`)
  return found
}

describe('ipmitool', () => {
  test('sensor: readings, units, thresholds, states', async () => {
    machine.physics.inletC = 44
    machine.physics.fansRpm = [3_100, 0, null, null]
    const table = rows(await tool('sensor'))
    const inlet = [
      'Inlet Temp',
      '44.000',
      'degrees C',
      'nc',
      'na',
      '3.000',
      '5.000',
      '42.000',
      '47.000',
      '50.000',
    ]
    expect(row(table, 'Inlet Temp')).toEqual(inlet)
    expect(row(table, 'FAN1').slice(1, 4)).toEqual(['3100.000', 'RPM', 'ok'])
    expect(row(table, 'FAN2').slice(1, 4)).toEqual(['0.000', 'RPM', 'nr'])
    expect(row(table, 'FAN3').slice(1, 4)).toEqual(['na', 'RPM', 'na'])
    expect(row(table, '12V').slice(1, 4)).toEqual(['12.120', 'Volts', 'ok'])
    expect(row(table, 'PS1 Status').slice(1, 4)).toEqual(['0x1', 'discrete', '0x0180'])
    await tool('sensor', 'thresh', 'CPU1 Temp', 'unc', '40')
    expect(row(rows(await tool('sensor')), 'CPU1 Temp').slice(1, 4)).toEqual(['41.000', 'degrees C', 'nc'])
    expect(await tool('sensor', 'get', 'CPU1 Temp')).toMatch(/Status +: Upper Non-Critical/)
  })

  test('sdr: all records, by type, and the repository', async () => {
    const table = rows(await tool('sdr', 'elist', 'all'))
    expect(table).toHaveLength(26)
    expect(row(table, 'VBAT')).toEqual(['VBAT', '34h', 'ok', '40.1', '3.06 Volts'])
    expect(row(table, 'BMC')).toContain('Dynamic MC @ 20h')
    expect(rows(await tool('sdr', 'type', 'Power Supply')).map(([name]) => name)).toEqual([
      'PS1 Status',
      'PS2 Status',
    ])
    expect(await tool('sdr', 'info')).toMatch(/Record Count +: 26/)
  })

  test('sel: real events in words, times, clear', async () => {
    machine.powerOn()
    machine.emit({ kind: 'boot', from: 'network' })
    machine.physics.psus = [
      { present: true, failed: true, watts: 0 },
      { present: true, failed: false, watts: 90 },
    ]
    machine.physics.chassisOpen = true
    const list = await tool('sel', 'elist')
    for (const words of [
      'System Boot Initiated Restart | Initiated by power up | Asserted',
      'System ACPI Power State ACPI State | S0/G0: working | Asserted',
      'OS Boot OS Boot | PXE boot completed | Asserted',
      'Power Supply PS1 Status | Failure detected | Asserted',
      'Physical Security Chassis Intru | General Chassis intrusion | Asserted',
    ])
      expect(list).toContain(words)
    await tool('sel', 'time', 'set', '11/23/30 12:00:00')
    expect(await tool('sel', 'time', 'get')).toMatch(/11\/23\/(20)?30 12:00:/)
    machine.physics.fansRpm = [0, 3_000, 3_000, 3_000]
    expect(await tool('sel', 'elist')).toMatch(/11\/23\/(20)?30 .* Fan FAN1 \| Lower Critical going low/)
    expect(await tool('sel', 'clear')).toContain('Clearing SEL')
    expect(rows(await tool('sel', 'elist'))).toHaveLength(1)
    expect(await tool('sel', 'info')).toMatch(/Entries +: 1\b/)
  })

  test('fru print: who made it, what it is, which one', async () => {
    const text = await tool('fru', 'print', '0')
    expect(text).toMatch(/Product Manufacturer +: Lab Systems/)
    expect(text).toMatch(/Product Name +: LS-1100/)
    expect(text).toMatch(/Product Serial +: LAB0003/)
    expect(text).toMatch(/Board Mfg Date +: Tue May 14/)
    expect(text).toMatch(/Board Serial +: LAB0003B/)
    expect(text).toMatch(/Chassis Type +: Rack Mount Chassis/)
  })

  test('chassis identify, status, policy; mc info; boot parameters', async () => {
    await tool('chassis', 'identify', 'force')
    expect(bmc.controller.identify.state).toBe('forced')
    await tool('chassis', 'identify', '0')
    expect(bmc.controller.identify.state).toBe('off')
    await tool('chassis', 'identify', '200')
    expect(bmc.controller.identify.state).toBe('timed')
    await tool('chassis', 'policy', 'always-on')
    machine.physics.chassisOpen = true
    const status = await tool('chassis', 'status')
    expect(status).toMatch(/Power Restore Policy : always-on/)
    expect(status).toMatch(/Chassis Intrusion +: active/)
    expect(await tool('mc', 'info')).toMatch(/SEL Device\s+FRU Inventory Device\s+Chassis Device/)
    await tool('chassis', 'bootparam', 'set', 'bootflag', 'force_pxe')
    // Its own options for this parameter are lost in this version of ipmitool.
    await tool('raw', '0x00', '0x08', '0x03', '0x09')
    expect(await tool('chassis', 'bootparam', 'get', '3')).toMatch(
      /Don't automatically clear boot flag[\s\S]*Don't clear valid bit on power up via power push button/,
    )
    expect(await tool('chassis', 'bootparam', 'get', '5')).toContain('Force PXE')
    expect(await tool('lan', 'print', '1')).toMatch(/IP Address +: 127\.0\.7\.31/)
    expect(await tool('user', 'list', '1')).toMatch(/2 +maas .*ADMINISTRATOR/)
  })

  test('mc reset: its session is lost, and the BMC silent until it is back', async () => {
    bmc.dials.restartMs = 300
    expect(await tool('mc', 'reset', 'cold')).toContain('Sent cold reset command to MC')
    expect(await tool('session', 'info', 'active')).toMatch(/active sessions +: 1/)
    bmc.dials.restartMs = 3_000
    bmc.controller.restart()
    const silent = await ipmitool(login, 17, '-N', '1', '-R', '1', 'power', 'status')
    expect(silent).toMatchObject({ exit: 1, stderr: expect.stringContaining('Unable to establish') })
    await new Promise((resolve) => setTimeout(resolve, 3_000))
    expect(await tool('power', 'status')).toContain('off')
  })
})

describe('FreeIPMI', () => {
  test('ipmi-sensors', async () => {
    machine.physics.cpusC = [97, 40]
    const table = rows(await cached('ipmi-sensors', '--output-sensor-state', '--no-header-output'))
    expect(row(table, 'CPU1 Temp').slice(3)).toEqual([
      'Critical',
      '97.00',
      'C',
      expect.stringContaining('Critical'),
    ])
    expect(row(table, 'CPU2 Temp').slice(3)).toEqual(['Nominal', '40.00', 'C', "'OK'"])
    expect(row(table, 'PS2 Status').slice(3)).toEqual(['Nominal', 'N/A', 'N/A', "'Presence detected'"])
    expect(table).toHaveLength(19)
  })

  test('ipmi-sensors-config moves a threshold', async () => {
    const pair = '01_Inlet_Temp:Upper_Non_Critical_Threshold=20'
    const names = await cached('ipmi-sensors-config', '--listsections')
    const section = /\d+_Inlet_Temp/.exec(names)?.[0] ?? ''
    await cached('ipmi-sensors-config', '--commit', '--key-pair', pair.replace('01_Inlet_Temp', section))
    const table = rows(await cached('ipmi-sensors', '--output-sensor-state', '--no-header-output'))
    expect(row(table, 'Inlet Temp').at(-1)).toContain('Upper Non-Critical')
  })

  test('ipmi-sel', async () => {
    machine.powerOn()
    machine.emit({ kind: 'boot', from: 'disk' })
    machine.emit({ kind: 'firmware-hang' })
    const table = rows(await cached('ipmi-sel', '--no-header-output'))
    expect(row(table, 'OS Boot').at(-1)).toBe('C: boot completed')
    expect(row(table, 'POST').at(-1)).toBe('System Firmware Hang')
    await cached('ipmi-sel', '--clear')
    expect(rows(await cached('ipmi-sel', '--no-header-output'))).toHaveLength(1)
    expect(await cached('ipmi-sel', '--info')).toMatch(/Number of log entries +: 1/)
  })

  test('ipmi-fru, bmc-info, ipmi-chassis', async () => {
    const fru = await cached('ipmi-fru')
    expect(fru).toContain('FRU Product Serial Number: LAB0003')
    expect(fru).toContain('FRU Board Manufacturer: Lab Systems')
    const info = await free('bmc-info')
    expect(info).toContain(`System GUID : ${machine.uuid}`)
    expect(info).toMatch(/SEL Device +: supported/)
    await free('ipmi-chassis', '--chassis-identify', 'force')
    expect(bmc.controller.identify.state).toBe('forced')
    expect(await free('ipmi-chassis', '--get-chassis-status')).toMatch(
      /Chassis Identify state +: Indefinite on/,
    )
  })
})

test('pyghmi reads health, sensors, inventory and the event log', async () => {
  machine.powerOn()
  machine.physics.inletC = 48
  const said = await runPython('pyghmi', 'sensors.py', [
    login.address,
    String(login.port),
    login.username,
    login.password,
  ])
  const seen: {
    health: string
    readings: Record<string, number>
    product: Record<string, string>
    events: string[]
  } = JSON.parse(said)
  expect(seen.readings).toMatchObject({ 'Inlet Temp': 48, FAN1: 3000 })
  expect(seen.readings['12V']).toBeCloseTo(12.12)
  expect(seen.product).toMatchObject({ Manufacturer: 'Lab Systems', 'Serial Number': 'LAB0003' })
  expect(seen.events.join('\n')).toContain('Inlet Temp')
  expect(seen.health).toContain('critical')
})

describe('go-ipmi', () => {
  const goIpmi = buildGoIpmiClient()
  afterAll(() => goIpmi.remove())

  test('reads power, sensors, event log, inventory and boot flags', async () => {
    machine.bootFlags = { valid: true, persistent: true, efi: true, device: 'network' }
    machine.powerOn()
    machine.physics.fansRpm = [3_000, 3_000, 0, 3_000]
    const seen = await goIpmi.read(login)
    expect(seen.on).toBe(true)
    expect(seen.readings).toMatchObject({ 'Inlet Temp': 22, FAN3: 0 })
    expect(seen.product).toEqual(['Lab Systems', 'LS-1100', 'LAB0003'])
    expect(seen.bootFlags).toMatch(/valid true persistent true .*PXE/)
    expect(seen.events.join('\n')).toContain('Initiated by power up')
    expect(seen.states.FAN3).not.toBe(seen.states.FAN1)
  })
})

import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ManagementController } from '../../lab/bmc/controller.ts'
import { type RunningRedfish, startRedfish } from '../../lab/redfish/server.ts'
import type { World, WorldMachine } from '../../lab/world/types.ts'
import { createWorld } from '../../lab/world/world.ts'
import { runInstalled, runPython } from './support/python.ts'
import EXPECTED from './support/redfish/protocol-validator.json' with { type: 'json' }

/** The lab's Redfish service by three clients that we did not write: DMTF's validator and scripts, and OpenStack's sushy. */

let world: World
let machine: WorldMachine
let controller: ManagementController
let redfish: RunningRedfish
let url: string

beforeEach(async () => {
  world = createWorld({ seed: 1, scale: 1000, site: 40, bmcPort: 0 })
  machine = world.machine('r1-h1')
  Object.assign(machine.bmc, { address: '127.0.7.41' })
  controller = new ManagementController(machine)
  redfish = await startRedfish(controller, { port: 0, ipmiPort: 623, sshPort: 2222 })
  url = `https://${redfish.address}:${redfish.port}`
})
afterEach(async () => {
  await redfish.close()
  controller.stop()
  await world.stop()
})

test('DMTF’s protocol validator finds nothing wrong', async () => {
  let results = await validate()
  // Its tests of randomness (NIST SP 800-22, monobit and runs, each at p < 0.01) turn down one truly random token in
  // fifty: what it doubts is judged by further tokens, and three in a row are no chance any more.
  for (let token = 2; token <= 3 && results.RESP_HEADERS_X_AUTH_TOKEN === 'WARN'; token++)
    results = await validate()
  // Every assertion as it was found when this was recorded: a new failure shows, and so does what is not tested any more.
  expect(results).toEqual(EXPECTED)
  expect(Object.values(results)).not.toContain('FAIL')
})

/** One run of the validator: the worst result of each assertion. */
async function validate(): Promise<Record<string, string>> {
  const folder = await mkdtemp(join(tmpdir(), 'ferrule-rfpv-'))
  try {
    const { username, password } = machine.bmc
    const login = ['-r', url, '-u', username, '-p', password, '--no-cert-check', '--avoid-http-redirect']
    const report = ['--report-dir', folder, '--report-type', 'tsv']
    await runInstalled('redfish_protocol_validator', 'rf_protocol_validator', [...login, ...report])
    const name = (await readdir(folder)).find((file) => file.endsWith('.tsv')) ?? 'no report'
    return worstByAssertion(await readFile(join(folder, name), 'utf8'))
  } finally {
    await rm(folder, { recursive: true })
  }
}

/** One result per assertion: the worst of its lines. */
function worstByAssertion(tsv: string): Record<string, string> {
  const order = ['PASS', 'NOT_TESTED', 'WARN', 'FAIL']
  const worst = new Map<string, string>()
  for (const line of tsv.trim().split('\n').slice(1)) {
    const [assertion = '', , , , result = ''] = line.split('\t')
    const known = worst.get(assertion) ?? 'PASS'
    worst.set(assertion, order.indexOf(result) > order.indexOf(known) ? result : known)
  }
  return Object.fromEntries([...worst].sort(([a], [b]) => (a < b ? -1 : 1)))
}

describe.each(['session', 'basic'])('sushy with %s authentication', (how) => {
  test('switches, boots, and reads the inventory', async () => {
    const { username, password } = machine.bmc
    const said = await runPython('sushy', 'drive.py', [url, username, password, how])
    expect(JSON.parse(said)).toMatchObject({
      powers: ['Off', 'On', 'On', 'Off'],
      serial: machine.serial,
      memory: 64,
      pxe: ['Pxe', 'Once', 'UEFI'],
      disk: ['Hdd', 'Continuous', 'Legacy'],
      drives: machine.disks.map(({ name, size }) => [name, size]),
      macs: machine.nics.map(({ mac }) => mac),
      inlet: 22,
      firmware: '1.10',
    })
    expect(machine.bootFlags).toEqual({ valid: true, persistent: true, efi: false, device: 'disk' })
    expect(machine.power()).toBe('off')
  })
})

describe('DMTF’s tacklebox', () => {
  const tool = async (script: string, ...options: string[]): Promise<string> => {
    const { username, password } = machine.bmc
    const { exit, stdout, stderr } = await runInstalled('redfish_utilities', script, [
      ...['-r', url, '-u', username, '-p', password],
      ...options,
    ])
    if (exit !== 0) throw new Error(`${script}: ${stdout}${stderr}`)
    return stdout
  }

  test('rf_power_reset, also by a task', async () => {
    await tool('rf_power_reset.py', '-t', 'On')
    expect(machine.power()).toBe('on')
    expect(await tool('rf_power_reset.py', '--info')).toContain('Current power state: On')
    Object.assign(redfish.dials, { asyncActions: true, taskMs: 1_500 })
    await tool('rf_power_reset.py', '-t', 'ForceOff')
    expect(machine.power()).toBe('off')
  })

  test('rf_boot_override, also in the settings object', async () => {
    await tool('rf_boot_override.py', '-t', 'Pxe')
    expect(machine.bootFlags).toMatchObject({ valid: true, persistent: false, device: 'network' })
    expect(await tool('rf_boot_override.py', '--info')).toMatch(/Target: Pxe;[\s\S]*Enabled: Once;/)
    redfish.dials.bootInSettings = true
    await expect(tool('rf_boot_override.py', '-t', 'Hdd')).rejects.toThrow('PropertyNotWritable')
    await tool('rf_boot_override.py', '-t', 'Hdd', '--workaround')
    expect(machine.bootFlags).toMatchObject({ valid: true, device: 'disk' })
  })

  test('rf_sensor_list, rf_sys_inventory, rf_logs, rf_manager_config, rf_accounts', async () => {
    machine.powerOn()
    machine.dials.failedPsus = [1]
    machine.hardwareChanged()
    const sensors = await tool('rf_sensor_list.py')
    expect(sensors).toMatch(/Inlet Temp +\| 22 Cel +\| OK/)
    expect(sensors).toMatch(/FAN1 +\| \d+ RPM/)
    expect(await tool('rf_sys_inventory.py')).toContain('Drive: sda')
    expect(await tool('rf_logs.py', '--manager', '1')).toContain('PS1 Status: failure detected')
    await tool('rf_logs.py', '--manager', '1', '--clear')
    expect(controller.log.size).toBe(1)
    expect(await tool('rf_manager_config.py', 'info')).toMatch(/FirmwareVersion: 1\.10/)
    await tool('rf_accounts.py', '--add', 'helper', 'long enough', 'Operator')
    expect(await tool('rf_accounts.py')).toMatch(/helper +\| Operator/)
  })

  test('rf_manager_config restarts the BMC, and loses its session by that', async () => {
    let restarts = 0
    controller.onRestart(() => {
      restarts += 1
    })
    await expect(tool('rf_manager_config.py', 'reset', '--type', 'GracefulRestart')).rejects.toThrow()
    expect(restarts).toBe(1)
  })
})

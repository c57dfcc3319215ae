import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { BmcOptions } from '../../lab/bmc/bmc.ts'
import { ClientSession } from '../../lab/bmc/client-session.ts'
import { type RunningBmc, startBmc } from '../../lab/bmc/server.ts'
import { type StubMachine, stubMachine } from '../../lab/bmc/test-support/stub-machine.ts'
import { freeipmi, ipmitool, type Login, type Outcome, runTool } from './support/ipmi-tools.ts'

let machine: StubMachine
let bmc: RunningBmc
let login: Login

async function start(options: BmcOptions = {}): Promise<void> {
  await bmc?.close()
  // Any port but 623, which only root may bind.
  machine = stubMachine({ address: '127.0.7.11', port: 0 })
  bmc = await startBmc(machine, options)
  login = { ...machine.bmc, port: bmc.port }
}

beforeEach(() => start())
afterEach(() => bmc.close())

function succeeded({ exit, stdout, stderr }: Outcome): string {
  if (exit !== 0) throw new Error(`exit ${exit}: ${stdout}${stderr}`)
  return stdout.trim()
}

describe.each([3, 17, null] as const)('ipmitool -C %s', (suite) => {
  const run = async (...command: string[]) => succeeded(await ipmitool(login, suite, ...command))

  test('reads and switches the power', async () => {
    expect(await run('power', 'status')).toBe('Chassis Power is off')
    expect(await run('power', 'on')).toBe('Chassis Power Control: Up/On')
    expect(await run('power', 'status')).toBe('Chassis Power is on')
    await run('power', 'cycle')
    await run('power', 'reset')
    await run('power', 'soft')
    expect(await run('power', 'status')).toBe('Chassis Power is off')
    await run('power', 'on')
    await run('power', 'off')
    const acts = machine.acts.filter((act) => !act.startsWith('boot'))
    expect(acts).toEqual(['on', 'cycle', 'reset', 'soft off', 'on', 'off'])
  })

  test('sets a boot device and reads it back', async () => {
    await run('chassis', 'bootdev', 'pxe', 'options=persistent,efiboot')
    expect(machine.bootFlags).toEqual({ valid: true, persistent: true, efi: true, device: 'network' })
    expect(await run('chassis', 'bootparam', 'get', '5')).toContain('Boot parameter data: e004000000')
    await run('chassis', 'bootdev', 'disk')
    expect(machine.bootFlags).toEqual({ valid: true, persistent: false, efi: false, device: 'disk' })
    const flags = await run('chassis', 'bootparam', 'get', '5')
    expect(flags).toContain('Options apply to only next boot')
    expect(flags).toContain('Force Boot from default Hard-Drive')
    await run('power', 'on')
    expect(machine.acts.at(-1)).toBe('boot disk')
    expect(await run('chassis', 'bootparam', 'get', '5')).toContain('Boot Flag Invalid')
  })

  test('is told what the BMC is', async () => {
    const info = await run('mc', 'info')
    expect(info).toMatch(/IPMI Version +: 2\.0/)
    expect(info).toMatch(/Firmware Revision +: 1\.10/)
    expect(await run('mc', 'guid')).toContain(machine.uuid)
    expect(await run('mc', 'selftest')).toContain('passed')
    expect(await run('chassis', 'identify', '5')).toContain('5 seconds')
    expect(await run('chassis', 'status')).toMatch(/System Power +: off/)
  })
})

describe('ipmitool', () => {
  test('finds the suites by itself, whichever the BMC allows', async () => {
    for (const suites of [[3], [17]] as const) {
      bmc.dials.suites = suites
      expect(succeeded(await ipmitool(login, null, 'power', 'status'))).toBe('Chassis Power is off')
    }
    const other = await ipmitool(login, 3, '-N', '1', '-R', '0', '-v', 'power', 'status')
    expect(other.exit).not.toBe(0)
    expect(other.stderr).toContain('no matching cipher suite')
  })

  test('shows the refusals of the BMC in words', async () => {
    const cycle = await ipmitool(login, 17, 'power', 'cycle')
    expect(cycle).toMatchObject({
      exit: 1,
      stderr: expect.stringContaining('not supported in present state'),
    })
    const unknown = await ipmitool(login, 17, 'raw', '0x06', '0x7f')
    expect(unknown.stderr).toContain('rsp=0xc1')
    const password = await ipmitool({ ...login, password: 'wrong' }, 17, '-v', 'power', 'status')
    expect(password.stderr).toContain('RAKP 2 HMAC is invalid')
    const user = await ipmitool({ ...login, username: 'root' }, 17, '-v', 'power', 'status')
    expect(user.stderr).toContain('unauthorized name')
  })

  test('logs in with a BMC key, and not without it', async () => {
    const bmcKey = Buffer.from('twenty bytes of key!')
    await start({ bmcKey })
    for (const suite of [3, 17] as const) {
      const withKey = await ipmitool(login, suite, '-y', bmcKey.toString('hex'), 'power', 'status')
      expect(succeeded(withKey)).toBe('Chassis Power is off')
      const without = await ipmitool(login, suite, '-N', '1', '-R', '0', 'power', 'status')
      expect(without.exit).not.toBe(0)
    }
  })
})

describe.each([3, 17] as const)('FreeIPMI with suite %i', (suite) => {
  const power = async (...options: string[]) =>
    succeeded(await freeipmi('ipmipower', login, suite, ...options))
  const says = (word: string) => `${login.address}: ${word}`

  test.each([[[]], [['-W', 'opensesspriv', '-l', 'OPERATOR']]])('ipmipower %j', async (options) => {
    expect(await power(...options, '--stat')).toBe(says('off'))
    expect(await power(...options, '--cycle', '--on-if-off')).toBe(says('ok'))
    expect(await power(...options, '--stat')).toBe(says('on'))
    expect(await power(...options, '--cycle', '--on-if-off')).toBe(says('ok'))
    expect(await power(...options, '--soft')).toBe(says('ok'))
    expect(await power(...options, '--stat')).toBe(says('off'))
    expect(await power(...options, '--on')).toBe(says('ok'))
    expect(await power(...options, '--off')).toBe(says('ok'))
    const acts = machine.acts.filter((act) => !act.startsWith('boot'))
    expect(acts).toEqual(['on', 'cycle', 'soft off', 'on', 'off'])
  })

  test('ipmi-chassis reads the chassis', async () => {
    const status = succeeded(await freeipmi('ipmi-chassis', login, suite, '--get-chassis-status'))
    expect(status).toMatch(/System Power +: off/)
    const capabilities = await freeipmi('ipmi-chassis', login, suite, '--get-chassis-capabilities')
    expect(succeeded(capabilities)).toContain('Intrusion sensor')
  })

  test('ipmi-chassis-config sets PXE once as MAAS has it do, and reads it back', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'lab-bmc-'))
    try {
      machine.bootFlags = { valid: true, persistent: true, efi: true, device: 'disk' }
      const file = join(folder, 'boot.cfg')
      await writeFile(
        file,
        'Section Chassis_Boot_Flags\nBoot_Flags_Persistent No\nBoot_Device PXE\nEndSection\n',
      )
      const options = ['-W', 'opensesspriv', '-l', 'OPERATOR']
      succeeded(
        await freeipmi('ipmi-chassis-config', login, suite, ...options, '--commit', '--filename', file),
      )
      expect(machine.bootFlags).toEqual({ valid: true, persistent: false, efi: true, device: 'network' })
      const checkout = ['--checkout', '-S', 'Chassis_Boot_Flags']
      const back = succeeded(await freeipmi('ipmi-chassis-config', login, suite, ...options, ...checkout))
      expect(back).toMatch(/Boot_Device +PXE/)
      expect(back).toMatch(/BIOS_Boot_Type +EFI/)
    } finally {
      await rm(folder, { recursive: true })
    }
  })

  test('a wrong password and a suite that is not allowed are told apart', async () => {
    const wrong = await freeipmi('ipmipower', { ...login, password: 'wrong' }, suite, '--stat')
    expect(wrong.stdout).toContain('password invalid')
    bmc.dials.suites = suite === 3 ? [17] : [3]
    const refused = await freeipmi('ipmipower', login, suite, '--stat')
    expect(refused.stdout).toContain('cipher suite id unavailable')
  })

  test('ipmipower makes up for a lost reply', async () => {
    bmc.dials.dropPowerReplies = 1
    expect(await power('--on')).toBe(says('ok'))
    expect(machine.power()).toBe('on')
    expect(bmc.dials.dropPowerReplies).toBe(0)
  })
})

test('the fifth console is refused while four sessions are held, and served when one closes', async () => {
  const held = [1, 2, 3, 4].map(() => ClientSession.open(login))
  const sessions = await Promise.all(held)
  const refused = await freeipmi('ipmipower', login, 17, '--stat')
  expect(refused.stdout).toContain('BMC busy')
  await sessions[0]?.close()
  const served = await freeipmi('ipmipower', login, 17, '--stat')
  expect(served.stdout).toContain('off')
  for (const session of sessions.slice(1)) await session.close()
})

test('a missing tool fails with what to install', async () => {
  await expect(runTool('ipmitool-that-is-not-there', [])).rejects.toThrow('apt-get install ipmitool')
})

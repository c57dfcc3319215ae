import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createRedfishDriver, type RedfishDriver } from '../../src/drivers/bmc/redfish/driver.ts'
import type { Bmc } from '../../src/drivers/bmc/types.ts'
import { heldHost } from './support/host-lease.ts'
import { type SushyEmulator, startSushyEmulator } from './support/sushy-emulator.ts'

const [first, second] = [
  '27946b59-9e44-4fa7-8e91-f3527a1ef094',
  '58893887-8974-2487-2389-841168418919',
] as const

let emulator: SushyEmulator
let driver: RedfishDriver
beforeAll(async () => {
  emulator = await startSushyEmulator([first, second])
})
afterAll(() => emulator?.stop())
beforeEach(() => {
  driver = createRedfishDriver()
})
afterEach(() => driver.close())

function open(system?: string, password = 'secret'): Bmc {
  const { address, fingerprint } = emulator
  const login = { address, fingerprint, username: 'admin', password }
  return driver.open(system === undefined ? login : { ...login, system })
}

/** What changes power there takes up to eleven seconds. */
const settled = { timeout: 20_000, interval: 500 }

describe("OpenStack's sushy-emulator, over TLS and with Basic, for it has no sessions", () => {
  test('of two systems, the one that was meant is switched, and the other is not', async () => {
    const bmc = open(first)
    expect(await bmc.power()).toBe('off')
    await bmc.powerOn(heldHost)
    await expect.poll(() => bmc.power(), settled).toBe('on')
    expect((await emulator.show(first)).PowerState).toBe('On')
    expect((await emulator.show(second)).PowerState).toBe('Off')
    await bmc.powerCycle(heldHost)
    await expect.poll(() => bmc.power(), settled).toBe('on')
    await bmc.softOff(heldHost)
    await expect.poll(() => bmc.power(), settled).toBe('off')
    await bmc.powerOn(heldHost)
    await expect.poll(() => bmc.power(), settled).toBe('on')
    await bmc.powerOff(heldHost)
    await expect.poll(() => bmc.power(), settled).toBe('off')
  })

  test('gets the boot device, lasting, and reads it back', async () => {
    const bmc = open(second)
    await bmc.setBootDevice(heldHost, 'network', { persistent: true, efi: true })
    expect((await emulator.show(second)).Boot.BootSourceOverrideTarget).toBe('Pxe')
    expect(await bmc.bootDevice()).toEqual({ device: 'network', persistent: true, valid: true })
    await bmc.setBootDevice(heldHost, 'disk', { persistent: true, efi: false })
    expect((await emulator.show(second)).Boot).toMatchObject({
      BootSourceOverrideTarget: 'Hdd',
      BootSourceOverrideMode: 'Legacy',
    })
    // It has no boot for one time alone, so that what is asked for once stays.
    await bmc.setBootDevice(heldHost, 'network', { persistent: false, efi: true })
    expect(await bmc.bootDevice()).toMatchObject({ device: 'network', valid: true })
    expect((await emulator.show(first)).Boot.BootSourceOverrideTarget).toBe('Hdd')
  })

  test('which system is meant has to be said', async () => {
    await expect(open().power()).rejects.toMatchObject({
      code: 'invalid-input',
      details: { systems: expect.arrayContaining([first, second]) },
    })
    await expect(open('another').power()).rejects.toMatchObject({ code: 'invalid-input' })
  })

  test('a wrong password is bmc-auth', async () => {
    await expect(open(first, 'wrong').power()).rejects.toMatchObject({ code: 'bmc-auth' })
  })

  test('tells what it is, and lights its lamp', async () => {
    const bmc = open(first)
    expect(await bmc.inventory?.inventory()).toMatchObject({ uuid: first, disks: [] })
    await bmc.identifyLight?.identify('forever')
    expect((await emulator.show(first)).IndicatorLED).toMatch(/Blinking|Lit/)
    await bmc.identifyLight?.identify(0)
    expect((await emulator.show(first)).IndicatorLED).toBe('Off')
    expect(Array.isArray(await bmc.sensors?.sensors())).toBe(true)
  })
})

/** Trusting an authority is a matter of the process, so that each case is one. */
describe('a certificate that nobody has trusted by its fingerprint', () => {
  const built = fileURLToPath(new URL('../../dist/src/drivers/bmc/redfish/driver.js', import.meta.url))
  const program = `
    const { createRedfishDriver } = await import(process.argv[1])
    const [address, system] = process.argv.slice(2)
    const bmc = createRedfishDriver().open({ address, system, username: 'admin', password: 'secret' })
    console.log(await bmc.power().catch((error) => error.code))`

  async function powerOrError(env: NodeJS.ProcessEnv): Promise<string> {
    const args = ['--input-type=module', '-e', program, built, emulator.address, second]
    return (
      await promisify(execFile)(process.execPath, args, { env: { ...process.env, ...env } })
    ).stdout.trim()
  }

  test('is refused; signed by an authority that this machine knows, it is enough', async () => {
    expect(await powerOrError({})).toBe('bmc-untrusted')
    expect(await powerOrError({ NODE_EXTRA_CA_CERTS: emulator.certificateFile })).toBe('off')
  })
})

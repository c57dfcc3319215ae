import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createIpmiDriver, type IpmiDriver } from '../../src/drivers/bmc/ipmi/driver.ts'
import type { Bmc } from '../../src/drivers/bmc/types.ts'
import { heldHost } from './support/host-lease.ts'
import { type IpmiSim, startIpmiSim } from './support/ipmi-sim.ts'

let sim: IpmiSim
let driver: IpmiDriver

beforeEach(async () => {
  sim = await startIpmiSim()
  driver = createIpmiDriver({ requestTimeoutMs: 2000, sessionLingerMs: 0, retransmitMs: 200 })
})

afterEach(async () => {
  await driver?.close()
  await sim?.stop()
})

function open(username: string, password = 'secret'): Bmc {
  return driver.open({ address: sim.address, username, password })
}

// It has no suite 17 and says so at Open Session, so each of these has fallen back to suite 3.
describe.each(['admin', 'oper'])("OpenIPMI's ipmi_sim as %s", (username) => {
  test('reads and switches the power', async () => {
    const bmc = open(username)
    expect(await bmc.power()).toBe('off')
    await bmc.powerOn(heldHost)
    expect(sim.power()).toBe('on')
    expect(await bmc.power()).toBe('on')
    await bmc.powerOff(heldHost)
    expect(sim.power()).toBe('off')
  })

  test('cycles once', async () => {
    const bmc = open(username)
    await bmc.powerOn(heldHost)
    await bmc.powerCycle(heldHost)
    await expect.poll(() => sim.changes(), { timeout: 10_000 }).toEqual(['power 1', 'power 0', 'power 1'])
  })

  test('asks once for a soft shutdown', async () => {
    const bmc = open(username)
    await bmc.powerOn(heldHost)
    await bmc.softOff(heldHost)
    expect(sim.changes()).toEqual(['power 1', 'shutdown 1'])
    expect(await bmc.power()).toBe('off')
  })

  test('gets the boot device, but its flags read back as not valid, which is reported', async () => {
    const bmc = open(username)
    await expect(
      bmc.setBootDevice(heldHost, 'network', { persistent: false, efi: false }),
    ).rejects.toMatchObject({
      code: 'boot-device-unset',
      details: { seen: { device: 'network', valid: false } },
    })
    expect(sim.boot()).toBe('pxe')
    expect(await bmc.bootDevice()).toEqual({ device: 'network', persistent: false, valid: false })
  })

  test('refuses a wrong password as bmc-auth', async () => {
    await expect(open(username, 'wrong').power()).rejects.toMatchObject({ code: 'bmc-auth' })
  })

  test('takes seventy logins in a row, more than the sessions that it has', async () => {
    const bmc = open(username)
    for (let round = 0; round < 70; round += 1) expect(await bmc.power()).toBe('off')
  })
})

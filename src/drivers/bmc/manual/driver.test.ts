import { beforeEach, describe, expect, test } from 'vitest'
import { type TestDesk, testDesk } from '../person/testing/desk.ts'
import { heldHost } from '../redfish/testing/rig.ts'
import type { Bmc } from '../types.ts'
import { createManualDriver } from './driver.ts'

const host = { id: 'id-1', name: 'r1-h1', systemId: null }
const lease = heldHost()
let desk: TestDesk
let bmc: Bmc

beforeEach(() => {
  desk = testDesk()
  bmc = createManualDriver(desk).open({ address: '', username: '', password: '', host })
})

describe('power', () => {
  test('that nobody has spoken about is unknown to who just looks, and nobody is asked', async () => {
    desk.holder = null
    expect(await bmc.power()).toBe('unknown')
    expect(desk.question('power')).toBeNull()
  })

  test('is asked for on behalf of an operation, which waits for the answer', async () => {
    desk.onWait = () => {
      expect(desk.question('power')).toBe('Look whether r1-h1 is on or off.')
      desk.say('power', 'off')
    }
    expect(await bmc.power()).toBe('off')
  })

  test('is what a person said, for a while; then it is asked for again', async () => {
    desk.say('power', 'off')
    desk.later(500)
    expect(await bmc.power()).toBe('off')
    desk.later(200)
    desk.onWait = () => desk.say('power', 'on')
    expect(await bmc.power()).toBe('on')
  })

  test('that nobody tells in time is an error with what to do, and never off', async () => {
    await expect(bmc.power()).rejects.toMatchObject({
      code: 'power-unknown',
      remedy: expect.stringContaining('ferrule host confirm-power r1-h1 on|off'),
    })
  })

  test.each(['powerOn', 'powerOff', 'softOff'] as const)(
    'after %s, what was said before no longer counts',
    async (command) => {
      desk.say('power', 'off')
      await bmc[command](lease)
      const asked = desk.question('power')
      expect(asked).toContain('r1-h1')
      await expect(bmc.power()).rejects.toMatchObject({
        code: 'power-unknown',
        message: expect.stringContaining(asked ?? '?'),
      })
      desk.say('power', 'on')
      expect(await bmc.power()).toBe('on')
      expect(desk.question('power')).toBeNull()
    },
  )

  test('nonsense is unknown', async () => {
    desk.say('power', 'perhaps')
    expect(await bmc.power()).toBe('unknown')
  })

  test('without the lease nobody is asked', async () => {
    const lost = heldHost()
    lost.lose()
    await expect(bmc.powerOff(lost)).rejects.toMatchObject({ code: 'lease-lost' })
    expect(desk.question('power')).toBeNull()
  })

  test('a restart cannot be confirmed, so it is not offered', async () => {
    await expect(bmc.powerCycle(lease)).rejects.toMatchObject({ code: 'bmc-unsupported' })
  })
})

describe('boot device', () => {
  const how = { persistent: true, efi: true }

  test('is none until a person has set it; their word then holds, however old', async () => {
    expect(await bmc.bootDevice()).toEqual({ device: 'none', persistent: false, valid: false })
    desk.onWait = () => desk.say('boot-device', 'network')
    await bmc.setBootDevice(lease, 'network', how)
    desk.later(1e9)
    expect(await bmc.bootDevice()).toEqual({ device: 'network', persistent: true, valid: true })
  })

  test('that a person says is another is not the one that was asked for', async () => {
    desk.onWait = () => desk.say('boot-device', 'disk')
    await expect(bmc.setBootDevice(lease, 'network', how)).rejects.toMatchObject({
      code: 'boot-device-unset',
    })
  })

  test('while another is asked for, the old one is no longer true', async () => {
    desk.say('boot-device', 'disk')
    await expect(bmc.setBootDevice(lease, 'network', how)).rejects.toMatchObject({
      code: 'boot-device-unset',
    })
    expect(await bmc.bootDevice()).toMatchObject({ device: 'none', valid: false })
  })
})

test('who waits for a person is let go when Ferrule stops', async () => {
  const driver = createManualDriver(desk)
  desk.onWait = () => void driver.close?.()
  await expect(driver.open({ address: '', username: '', password: '', host }).power()).rejects.toMatchObject({
    code: 'cancelled',
  })
})

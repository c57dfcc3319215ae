import { beforeEach, expect, test } from 'vitest'
import { type TestDesk, testDesk } from '../person/testing/desk.ts'
import { heldHost } from '../redfish/testing/rig.ts'
import type { Bmc } from '../types.ts'
import { createMaasDriver, type MaasPower } from './driver.ts'

const host = { id: 'id-1', name: 'r1-h1', systemId: 'abc123' }
const lease = heldHost()

/** A machine that MAAS switches as it does over IPMI: its power-on resets a machine that runs. */
function machine() {
  const it = {
    power: 'off' as 'on' | 'off' | 'unknown' | 'error',
    status: 'Deployed',
    powerType: 'ipmi',
    happened: [] as string[],
  }
  const maas: MaasPower = {
    machine: async () => it,
    queryPower: async () => it.power,
    async powerOn() {
      it.happened.push(it.power === 'on' ? 'reset' : it.status === 'Allocated' ? 'deployed' : 'on')
      it.power = 'on'
    },
    async powerOff(_lease, _id, { mode }) {
      it.happened.push(`${mode} off`)
      it.power = 'off'
    },
  }
  return { it, maas }
}

let desk: TestDesk
let it: ReturnType<typeof machine>['it']
let bmc: Bmc

beforeEach(() => {
  const made = machine()
  it = made.it
  desk = testDesk()
  bmc = createMaasDriver(made.maas, desk).open({ address: '', username: '', password: '', host })
})

test('MAAS switches on and off, and tells the state freshly', async () => {
  await bmc.powerOn(lease)
  expect(await bmc.power()).toBe('on')
  await bmc.powerOff(lease)
  expect(await bmc.power()).toBe('off')
  expect(it.happened).toEqual(['on', 'hard off'])
})

test.each(['unknown', 'error'] as const)(
  'what MAAS calls %s is unknown, and nothing is switched on',
  async (state) => {
    it.power = state
    expect(await bmc.power()).toBe('unknown')
    await expect(bmc.powerOn(lease)).rejects.toMatchObject({ code: 'power-unknown' })
    expect(it.happened).toEqual([])
  },
)

test('a host that runs is not reset', async () => {
  it.power = 'on'
  await bmc.powerOn(lease)
  expect(it.happened).toEqual([])
})

test('an allocated machine is not deployed by switching it on', async () => {
  it.status = 'Allocated'
  await expect(bmc.powerOn(lease)).rejects.toMatchObject({ code: 'maas-state' })
  expect(it.happened).toEqual([])
})

test('a soft shutdown that would be a hard one is refused', async () => {
  it.power = 'on'
  it.powerType = 'redfish'
  await expect(bmc.softOff(lease)).rejects.toMatchObject({ code: 'bmc-unsupported' })
  expect(it.power).toBe('on')
  it.powerType = 'ipmi'
  await bmc.softOff(lease)
  expect(it.happened).toEqual(['soft off'])
})

test('MAAS cannot set a boot device, so a person does', async () => {
  desk.onWait = () => {
    expect(desk.question('boot-device')).toContain('PXE VLAN')
    desk.say('boot-device', 'network')
  }
  await bmc.setBootDevice(lease, 'network', { persistent: true, efi: true })
  expect(await bmc.bootDevice()).toMatchObject({ device: 'network', valid: true })
})

test('MAAS cannot restart, and a machine that it does not know is not asked for', async () => {
  await expect(bmc.powerCycle(lease)).rejects.toMatchObject({ code: 'bmc-unsupported' })
  const unknown = createMaasDriver(machine().maas, desk).open({
    address: '',
    username: '',
    password: '',
    host: { ...host, systemId: null },
  })
  await expect(unknown.power()).rejects.toMatchObject({ code: 'bmc-unsupported' })
})

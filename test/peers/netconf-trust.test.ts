import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { netconf } from '../../src/drivers/switch/openconfig/netconf/driver.ts'
import type { SwitchEndpoint } from '../../src/drivers/switch/types.ts'
import { netconfRoom, openNetconf } from './support/netconf-room.ts'
import { login, type NetconfSwitch, startNetconfSwitch, userKey } from './support/netconf-switch.ts'
import { failure } from './support/ovs-room.ts'
import { access, heldSwitch } from './support/switch-lease.ts'

let at: NetconfSwitch

beforeAll(async () => {
  at = await startNetconfSwitch(['--target=candidate'])
})
afterAll(() => at?.stop())
beforeEach(async () => {
  await netconfRoom(at, 'candidate').reset()
  at.logins.length = 0
})

async function reading(more: Partial<SwitchEndpoint>) {
  const ports = openNetconf(at, more)
  try {
    return await ports.readPorts(['Ethernet1'])
  } finally {
    await ports.close()
  }
}

test('another host key: no login is sent, and the one that was seen is named', async () => {
  const error = await failure(reading({ fingerprint: `SHA256:${'A'.repeat(43)}` }))
  expect(error).toMatchObject({ code: 'switch-auth', details: { fingerprint: at.fingerprint } })
  expect(at.logins).toEqual([])
})

test('a wrong password goes out once, and is in no word of the error', async () => {
  const error = await failure(reading({ password: 'wrong secret' }))
  expect(error).toMatchObject({ code: 'switch-auth', details: { address: at.address } })
  expect(JSON.stringify([error.message, error.remedy, error.details])).not.toContain('secret')
  expect(at.logins).toEqual(['password'])
})

test('a private key in place of the password logs in', async () => {
  expect((await reading({ password: userKey.private })).get('Ethernet1')).toEqual(access(200))
  expect(new Set(at.logins)).toEqual(new Set(['publickey']))
})

test('a VLAN beyond 802.1Q is refused in the words of the switch, and the candidate is left clean', async () => {
  const device = netconf.open({ address: at.address, ...login, fingerprint: at.fingerprint })
  try {
    const current = await device.readPorts(['Ethernet1', 'Ethernet2'])
    const beyond = new Map([
      ['Ethernet1', access(201)],
      ['Ethernet2', access(5000)],
    ])
    const changes = device.plan(current, beyond, new Set([201]), new Map())
    const error = await failure(device.apply(heldSwitch('tor1'), changes))
    expect(error).toMatchObject({ code: 'switch-refused', details: { errorTag: 'invalid-value' } })
    expect(error.message).toContain('edit-config Ethernet1, Ethernet2')
    expect(await at.netconfd.ask('<get-config><source><candidate/></source></get-config>')).not.toContain(
      '>201<',
    )
  } finally {
    await device.close()
  }
})

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { ovsdb } from '../../src/drivers/switch/ovsdb/driver.ts'
import type { SwitchPorts } from '../../src/drivers/switch/types.ts'
import { BRIDGE, type OpenVSwitch } from './support/open-vswitch.ts'
import { failure, type OvsRoom, ovsRoom } from './support/ovs-room.ts'
import { access, heldSwitch, trunk } from './support/switch-lease.ts'

let room: OvsRoom
let ovs: OpenVSwitch
let ports: SwitchPorts
const row = (port: string) => room.row(port)

beforeAll(async () => {
  room = await ovsRoom()
  ovs = room.ovs
})
afterAll(() => ovs?.stop())
beforeEach(async () => {
  ports = await room.reset()
})
afterEach(() => ports.close())

test('two ports are one transaction, and what a dry run shows is what is done', async () => {
  const wanted = new Map([
    ['swp1', trunk(201, 301, 302)],
    ['swp2', access(202)],
  ])
  const { changes } = await ports.plan(wanted)
  expect(changes.flatMap(({ lines }) => lines)).toEqual([
    'set port swp1 vlan_mode=native-untagged tag=201 trunks=[301,302]',
    'set port swp2 vlan_mode=access tag=202 trunks=[]',
  ])
  const before = Number(await ovs.vsctl('get', 'open_vswitch', '.', 'next_cfg'))
  const results = await ports.ensurePorts(heldSwitch('tor1'), wanted)
  expect(results.map(({ after }) => after)).toEqual([...wanted.values()])
  expect([await row('swp1'), await row('swp2')]).toEqual(['native-untagged 201 [301, 302]', 'access 202 []'])
  expect(Number(await ovs.vsctl('get', 'open_vswitch', '.', 'cur_cfg'))).toBe(before + 1)
  const again = await ports.ensurePorts(heldSwitch('tor1'), wanted)
  expect(again.map(({ changed }) => changed)).toEqual([false, false])
})

describe('somebody else changes a port between the read and the write', () => {
  test('once: nothing of the stale plan is written, and the engine begins anew', async () => {
    const seen: string[] = []
    const lease = heldSwitch('tor1', async () => {
      seen.push(await row('swp2'))
      // the second proof of a lease is the one right before the write
      if (seen.length === 2) await ovs.vsctl('set', 'port', 'swp1', 'tag=555')
    })
    const wanted = new Map([
      ['swp1', access(201)],
      ['swp2', access(201)],
    ])
    const results = await ports.ensurePorts(lease, wanted)
    expect(results.map(({ before }) => before.untagged)).toEqual([555, 200])
    expect([await row('swp1'), await row('swp2')]).toEqual(['access 201 []', 'access 201 []'])
    // until the write after the second look, the other port of the same batch was as before
    expect(seen.at(-1)).toBe('access 200 []')
  })

  test('always: the change is theirs, and an error says so', async () => {
    let tag = 500
    const lease = heldSwitch('tor1', async () => {
      tag += 1
      await ovs.vsctl('set', 'port', 'swp1', `tag=${tag}`)
    })
    const error = await failure(ports.ensurePorts(lease, new Map([['swp1', access(201)]])))
    expect(error).toMatchObject({ code: 'switch-mismatch', details: { ports: ['swp1'] } })
    expect(error.message).toContain('changed by somebody else')
    expect(await row('swp1')).toBe(`access ${tag} []`)
  })

  test('it is another port of the same name: not written', async () => {
    let replaced = false
    const lease = heldSwitch('tor1', async () => {
      if (replaced) return
      replaced = true
      const again = ['add-port', BRIDGE, 'swp1', '--', 'set', 'port', 'swp1', 'vlan_mode=access', 'tag=200']
      await ovs.vsctl('del-port', 'swp1', '--', ...again)
    })
    await ports.ensurePorts(lease, new Map([['swp1', access(201)]]))
    expect(await row('swp1')).toBe('access 201 []')
  })
})

test('the second of two changes is refused by the switch: the first is not made either', async () => {
  const device = ovsdb.open({ address: ovs.address, username: 'none', password: 'none' })
  try {
    const current = await device.readPorts(['swp1', 'swp2'])
    const beyond = new Map([
      ['swp1', access(201)],
      // the schema of the switch ends at 4095
      ['swp2', access(5000)],
    ])
    const changes = device.plan(current, beyond, new Set(), new Map())
    const error = await failure(device.apply(heldSwitch('tor1'), changes))
    expect(error).toMatchObject({
      code: 'switch-refused',
      details: { device: expect.stringContaining('5000') },
    })
    expect(error.message).toContain('set port swp2')
    expect([await row('swp1'), await row('swp2')]).toEqual(['access 200 []', 'access 200 []'])
  } finally {
    await device.close()
  }
})

test('ports that the rack file does not name are refused, and stay as they are', async () => {
  const before = await ovs.vsctl('--columns=_uuid,name,vlan_mode,tag,trunks', 'list', 'port', 'up1', BRIDGE)
  const wanted = new Map([
    ['swp1', access(201)],
    ['up1', access(201)],
  ])
  expect(await failure(ports.ensurePorts(heldSwitch('tor1'), wanted))).toMatchObject({ code: 'port-fenced' })
  expect(await row('swp1')).toBe('access 200 []')
  await ports.ensurePorts(heldSwitch('tor1'), new Map([['swp1', trunk(201, 301)]]))
  expect(await ovs.vsctl('--columns=_uuid,name,vlan_mode,tag,trunks', 'list', 'port', 'up1', BRIDGE)).toBe(
    before,
  )
})

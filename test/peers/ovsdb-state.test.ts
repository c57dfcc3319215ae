import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { SwitchPorts } from '../../src/drivers/switch/types.ts'
import { BRIDGE, type OpenVSwitch } from './support/open-vswitch.ts'
import { failure, type OvsRoom, ovsRoom } from './support/ovs-room.ts'
import { access, heldSwitch } from './support/switch-lease.ts'

const all = Array.from({ length: 4094 }, (_, index) => index + 1)
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

describe('ports are read as what they are', () => {
  test.each([
    ['cleared: a trunk of every VLAN', ['vlan_mode=[]', 'tag=[]', 'trunks=[]'], 0, all],
    ['a tag without a mode', ['vlan_mode=[]', 'tag=300', 'trunks=[]'], 300, []],
    ['trunk', ['vlan_mode=trunk', 'tag=[]', 'trunks=[301,300]'], null, [300, 301]],
    [
      'native, nothing listed',
      ['vlan_mode=native-untagged', 'tag=300', 'trunks=[]'],
      300,
      all.toSpliced(299, 1),
    ],
    ['native', ['vlan_mode=native-untagged', 'tag=300', 'trunks=[301]'], 300, [301]],
    ['native with a tag', ['vlan_mode=native-tagged', 'tag=300', 'trunks=[301]'], null, [300, 301]],
  ])('%s', async (_name, settings, untagged, tagged) => {
    await ovs.vsctl('set', 'port', 'swp1', ...settings)
    const state = (await ports.readPorts(['swp1'])).get('swp1')
    expect(state).toEqual({ mode: tagged.length > 0 ? 'trunk' : 'access', untagged, tagged, enabled: true })
  })

  test('and a link that is down as shut: its VLANs are set, and who has to raise it is told', async () => {
    await ovs.inside('ip', 'link', 'set', 'swp1', 'down')
    try {
      await expect
        .poll(async () => (await ports.readPorts(['swp1'])).get('swp1')?.enabled, { timeout: 10_000 })
        .toBe(false)
      const error = await failure(ports.ensurePorts(heldSwitch('tor1'), new Map([['swp1', access(10)]])))
      expect(error).toMatchObject({ code: 'switch-refused', details: { lines: ['ip link set swp1 up'] } })
      expect(await row('swp1')).toBe('access 10 []')
      // not on its way to rest: what was there is put back, in a mode that we never write
      await ovs.vsctl('set', 'port', 'swp1', 'vlan_mode=native-tagged', 'tag=300', 'trunks=301')
      await failure(ports.ensurePorts(heldSwitch('tor1'), new Map([['swp1', access(201)]])))
      expect(await row('swp1')).toBe('native-tagged 300 [301]')
    } finally {
      await ovs.inside('ip', 'link', 'set', 'swp1', 'up')
      await expect
        .poll(async () => (await ports.readPorts(['swp1'])).get('swp1')?.enabled, { timeout: 10_000 })
        .toBe(true)
    }
  })

  test('a port that is not there, and an interface of a bond', async () => {
    expect(await failure(ports.readPorts(['swp9']))).toMatchObject({ code: 'not-found' })
    await ovs.vsctl('add-bond', BRIDGE, 'bond0', 'b1', 'b2', '--', 'set', 'interface', 'b1', 'type=internal')
    try {
      expect((await failure(ports.readPorts(['b2']))).message).toContain('bond bond0')
    } finally {
      await ovs.vsctl('del-port', BRIDGE, 'bond0')
    }
  })
})

describe('what fails', () => {
  test('the database: unreachable with its address while it is away, and reached again after it', async () => {
    await ports.readPorts(['swp1'])
    await ovs.stopDatabase()
    const error = await failure(ports.readPorts(['swp1']))
    expect(error).toMatchObject({ code: 'switch-unreachable', details: { address: ovs.address } })
    expect(error.message).toContain(ovs.address)
    await ovs.startDatabase()
    await ports.ensurePorts(heldSwitch('tor1'), new Map([['swp1', access(201)]]))
    expect(await row('swp1')).toBe('access 201 []')
  })

  test('the switch behind it: a change that is only written does not count, now or at the next look', async () => {
    await ports.close()
    ports = room.open(500)
    ovs.freeze()
    try {
      const wanted = new Map([['swp1', access(201)]])
      const error = await failure(ports.ensurePorts(heldSwitch('tor1'), wanted))
      expect(error).toMatchObject({ code: 'switch-unreachable' })
      expect(error.message).toContain('ovs-vswitchd has not put a change in force')
      expect(await failure(ports.readPorts(['swp1']))).toMatchObject({ code: 'switch-unreachable' })
    } finally {
      ovs.thaw()
    }
    await ports.close()
    ports = room.open()
    const now = await ports.ensurePorts(heldSwitch('tor1'), new Map([['swp1', access(201)]]))
    expect(now).toMatchObject([{ changed: false, after: access(201) }])
  })
})

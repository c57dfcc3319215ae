import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { FerruleError } from '../../src/domain/errors.ts'
import { openSwitchPorts } from '../../src/drivers/switch/engine.ts'
import { ovsdb } from '../../src/drivers/switch/ovsdb/driver.ts'
import type { SwitchPorts } from '../../src/drivers/switch/types.ts'
import { BRIDGE, type OpenVSwitch, startOpenVSwitch } from './support/open-vswitch.ts'
import { access, fenceOf, heldSwitch, trunk } from './support/switch-lease.ts'

const all = Array.from({ length: 4094 }, (_, index) => index + 1)
let ovs: OpenVSwitch
let ports: SwitchPorts

beforeAll(async () => {
  ovs = await startOpenVSwitch()
  await ovs.plug('swp1')
  await ovs.plug('swp2')
  await ovs.plug('up1')
})
afterAll(() => ovs?.stop())

beforeEach(async () => {
  await ovs.vsctl('set', 'port', 'swp1', 'vlan_mode=access', 'tag=200', 'trunks=[]')
  await ovs.vsctl('set', 'port', 'swp2', 'vlan_mode=access', 'tag=200', 'trunks=[]')
  open()
})
afterEach(() => ports.close())

function open(requestMs = 10_000): void {
  ports = openSwitchPorts({
    id: 'tor1',
    driver: ovsdb,
    endpoint: { address: ovs.address, username: 'none', password: 'none' },
    fence: fenceOf('swp1', 'swp2'),
    timeouts: { coalesceMs: 0, connectMs: 2_000, requestMs, readRetryMs: [] },
  })
}

/** "vlan_mode tag trunks" of a port, from the switch's own tool. */
async function row(port: string): Promise<string> {
  const shown = await ovs.vsctl('get', 'port', port, 'vlan_mode', 'tag', 'trunks')
  return shown.trim().split('\n').join(' ')
}

async function failure(work: Promise<unknown>): Promise<FerruleError> {
  const error = await work.then(
    () => null,
    (reason: unknown) => reason,
  )
  if (error instanceof FerruleError) return error
  throw new Error(`expected a coded error, got ${String(error)}`)
}

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
    const changes = device.plan(current, beyond, new Set())
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
    open(500)
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
    open()
    const now = await ports.ensurePorts(heldSwitch('tor1'), new Map([['swp1', access(201)]]))
    expect(now).toMatchObject([{ changed: false, after: access(201) }])
  })
})

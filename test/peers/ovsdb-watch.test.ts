import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openSwitchPorts } from '../../src/drivers/switch/engine.ts'
import { ovsdb } from '../../src/drivers/switch/ovsdb/driver.ts'
import type { SwitchPorts } from '../../src/drivers/switch/types.ts'
import { setup as startPostgres } from '../support/shared-postgres-setup.ts'
import { startUnpolled, type UnpolledSwitch } from '../support/unpolled-switch.ts'
import { waitUntil } from '../support/wait.ts'
import { type OpenVSwitch, startOpenVSwitch } from './support/open-vswitch.ts'
import { failure } from './support/ovs-room.ts'
import { access, fenceOf, heldSwitch } from './support/switch-lease.ts'

/** An Open vSwitch that is polled once in ten years tells by itself that somebody has changed a port. */

let ovs: OpenVSwitch
let stopPostgres: () => Promise<void>
let site: UnpolledSwitch

beforeAll(async () => {
  ovs = await startOpenVSwitch()
  await ovs.plug('swp1', 'vlan_mode=access', 'tag=10')
  stopPostgres = await startPostgres()
  const l2Switch = { ip: ovs.address, type: 'OVS', username: 'none', password: 'none' }
  site = await startUnpolled(l2Switch, 'swp1')
})
afterAll(async () => {
  await site?.rig.stop()
  await stopPostgres?.()
  await ovs?.stop()
})

const foreignEdit = (port: string, tag: number) => ovs.vsctl('set', 'port', port, `tag=${tag}`)

describe('drift', () => {
  test('what somebody types is drift, and over when it is put back', async () => {
    await site.drifts()
    await foreignEdit('swp1', 555)
    await site.drifts('swp1 access untagged 555')
    expect(await site.told('host.drift')).toHaveLength(1)
    await foreignEdit('swp1', 10)
    await site.drifts()
    expect(await site.told('host.drift-over')).toHaveLength(1)
  })

  test('a link that somebody shuts is drift, too', async () => {
    await ovs.inside('ip', 'link', 'set', 'swp1', 'down')
    await site.drifts('swp1 access untagged 10, shut down')
    await ovs.inside('ip', 'link', 'set', 'swp1', 'up')
    await site.drifts()
  })

  test('a database that was killed is subscribed to again, and what happened meanwhile is seen', async () => {
    await ovs.stopDatabase()
    await ovs.startDatabase()
    await foreignEdit('swp1', 555)
    await site.drifts('swp1 access untagged 555')
    // by now it is the subscription that tells, and not that it was made
    await foreignEdit('swp1', 777)
    await site.drifts('swp1 access untagged 777')
    await foreignEdit('swp1', 10)
    await site.drifts()
  })
})

describe('one subscription', () => {
  let ports: SwitchPorts
  let heard: number
  const watched = async () => {
    ports = openSwitchPorts({
      id: 'tor1',
      driver: ovsdb,
      endpoint: { address: ovs.address, username: 'none', password: 'none' },
      fence: fenceOf('swp1'),
      timeouts: { coalesceMs: 0, connectMs: 30_000, requestMs: 30_000 },
    })
    heard = 0
    const end = new AbortController()
    const hear = () => {
      heard += 1
    }
    const over = ports.watch?.(hear, end.signal) ?? Promise.reject(new Error('it does not push'))
    await waitUntil('the subscription stands', () => heard > 0)
    return { end, over }
  }
  const heardMore = async (work: () => Promise<unknown>) => {
    const before = heard
    await work()
    await waitUntil('it was told', () => heard > before)
  }

  test('tells changes whoever makes them, and nothing that is no matter of ports', async () => {
    const { end, over } = await watched()
    await heardMore(() => foreignEdit('swp1', 555))
    await heardMore(() => ports.ensurePorts(heldSwitch('tor1'), new Map([['swp1', access(10)]])))
    const before = heard
    await ovs.vsctl('set', 'port', 'swp1', 'external_ids:note=theirs')
    await ovs.vsctl('set', 'bridge', 'br0', 'other_config:mac-aging-time=299')
    expect(heard).toBe(before)
    await heardMore(() => foreignEdit('swp1', 555))
    expect(heard).toBe(before + 1)
    await foreignEdit('swp1', 10)
    end.abort()
    await over
    await ports.close()
  })

  test('ends with its server, and with its driver', async () => {
    const { over } = await watched()
    const ended = failure(over)
    await ovs.stopDatabase()
    expect((await ended).code).toBe('switch-unreachable')
    await ports.close()
    await ovs.startDatabase()
    const again = await watched()
    await ports.close()
    await again.over
  })
})

import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type GnmiOptions, type GnmiServer, startGnmi } from '../../lab/switch/gnmi/server.ts'
import { openSwitchPorts } from '../../src/drivers/switch/engine.ts'
import { httpTarget } from '../../src/drivers/switch/https/target.ts'
import { GnmiClient } from '../../src/drivers/switch/openconfig/gnmi/client.ts'
import { gnmi } from '../../src/drivers/switch/openconfig/gnmi/driver.ts'
import { testLease } from '../../src/drivers/switch/test-support/fake-switch.ts'
import type { SwitchPorts } from '../../src/drivers/switch/types.ts'
import { outcome, tenant } from '../support/https-switch-rig.ts'
import { waitUntil } from '../support/wait.ts'

const user = { username: 'ferrule', password: 'Wort-hinter-dem-Schalter' }
const address = '127.0.0.1'
const port = 'Ethernet1'

let lab: GnmiServer
let ports: SwitchPorts
let heard: number
let end: AbortController

const endpoint = () => ({ address: `${address}:${lab.port}`, ...user, fingerprint: lab.fingerprint })

async function given(options: Partial<GnmiOptions> = {}): Promise<void> {
  lab = await startGnmi({
    address,
    user,
    hosts: [port],
    uplinks: [],
    pxeVlan: 10,
    vlans: [555, 999],
    ...options,
  })
  ports = openSwitchPorts({
    id: 'tor1',
    driver: gnmi,
    endpoint: endpoint(),
    fence: { ports: new Set([port]), vlanRange: { from: 100, to: 899 }, pxeVlan: 10, quarantineVlan: 999 },
    timeouts: { coalesceMs: 0, readRetryMs: [], connectMs: 30_000, requestMs: 30_000 },
  })
}

beforeEach(() => {
  heard = 0
  end = new AbortController()
})
afterEach(async () => {
  end.abort()
  await ports.close()
  await lab.stop()
})

const hear = () => {
  heard += 1
}
const watched = () => outcome(ports.watch?.(hear, end.signal) ?? Promise.reject())
const heardOf = (count: number) => waitUntil(`${count} are heard of`, () => heard >= count, 60_000)
const foreignEdit = (vlan: number) => lab.model.putInto(port, vlan)

describe('a switch tells', () => {
  test('that it will, and then of every change of a port, whoever made it, until nobody listens', async () => {
    await given()
    const over = watched()
    await heardOf(1)
    foreignEdit(555)
    await heardOf(2)
    await ports.ensurePorts(testLease(), new Map([[port, tenant(100, 200)]]))
    await heardOf(3)
    lab.model.change(({ ports: all }) => {
      const now = all.get(port)
      if (now) all.set(port, { ...now, shutdown: true })
    })
    await heardOf(4)
    expect(lab.subscriptions()).toBe(1)
    end.abort()
    expect(await over).toBe(null)
    await waitUntil('nobody is told any more', () => lab.subscriptions() === 0, 60_000)
    expect(heard).toBe(4)
  })

  test('nothing of what is not of its ports', async () => {
    await given()
    const over = watched()
    await heardOf(1)
    lab.model.change(({ vlans }) => vlans.set(777, { name: 'theirs' }))
    lab.model.save()
    foreignEdit(555)
    await heardOf(2)
    end.abort()
    await over
    expect(heard).toBe(2)
  })
})

describe('the subscription ends', () => {
  test('when the switch ends it', async () => {
    await given()
    const over = watched()
    await heardOf(1)
    lab.hangUp()
    expect(await over).toMatchObject({ code: 'switch-unreachable' })
  })

  test('when the switch is gone', async () => {
    await given()
    const over = watched()
    await heardOf(1)
    await lab.stop()
    expect(await over).toMatchObject({ code: 'switch-unreachable' })
  })

  test('when its driver is closed', async () => {
    await given()
    const over = watched()
    await heardOf(1)
    await ports.close()
    expect(await over).toBe(null)
    await waitUntil('nobody is told any more', () => lab.subscriptions() === 0, 60_000)
  })

  test('before it begins: a switch that cannot tell, a wrong password, one that is not there', async () => {
    await given({ silent: true })
    expect(await watched()).toMatchObject({
      code: 'switch-refused',
      message: expect.stringContaining('Subscribe'),
    })
    await ports.close()
    await lab.stop()
    await given({ user: { ...user, password: 'another' } })
    expect(await watched()).toMatchObject({ code: 'switch-auth' })
    await lab.stop()
    expect(await watched()).toMatchObject({ code: 'switch-unreachable' })
    expect(heard).toBe(0)
  })
})

describe('the switch of the lab is strict', () => {
  const path = (...names: string[]) => ({ elem: names.map((name) => ({ name })) })
  const enabled = { path: path('interfaces', 'interface', 'config', 'enabled'), mode: 'ON_CHANGE' }
  const list = { subscription: [enabled], mode: 'STREAM', encoding: 'JSON_IETF' }
  const answers = async (request: object, until = 1) => {
    const client = new GnmiClient(httpTarget(endpoint(), { httpsPort: 9339, httpPort: null }), endpoint(), {
      connectMs: 30_000,
      requestMs: 30_000,
    })
    const messages: unknown[] = []
    const over = new AbortController()
    const error = await outcome(
      client.subscribe(
        request,
        (message) => {
          messages.push(message)
          if (messages.length === until) over.abort()
        },
        over.signal,
      ),
    )
    return error ?? messages
  }

  test.each([
    ['nothing subscribed to', { poll: {} }],
    ['no path', { subscribe: { ...list, subscription: [] } }],
    ['another mode of the list', { subscribe: { ...list, mode: 'POLL' } }],
    ['another encoding', { subscribe: { ...list, encoding: 'PROTO' } }],
    ['samples', { subscribe: { ...list, subscription: [{ ...enabled, mode: 'SAMPLE' }] } }],
    ['counters', { subscribe: { ...list, subscription: [{ ...enabled, path: path('interfaces') }] } }],
  ])('%s: refused', async (_what, request) => {
    await given()
    expect(await answers(request)).toMatchObject({ code: 'switch-refused' })
  })

  test('what is there comes first, unless it is not asked for, and then the word that this was all', async () => {
    await given()
    const all = { update: { update: [{ val: { json_ietf_val: Buffer.from('true') } }] } }
    expect(await answers({ subscribe: list }, 2)).toMatchObject([all, { sync_response: true }])
    expect(await answers({ subscribe: { ...list, updates_only: true } })).toMatchObject([
      { sync_response: true },
    ])
  })
})

import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { GnmiFault } from '../../lab/switch/gnmi/dials.ts'
import { type GnmiServer, startGnmi } from '../../lab/switch/gnmi/server.ts'
import { openSwitchPorts } from '../../src/drivers/switch/engine.ts'
import { gnmi } from '../../src/drivers/switch/openconfig/gnmi/driver.ts'
import { carried, samePort } from '../../src/drivers/switch/port-state.ts'
import { testLease } from '../../src/drivers/switch/test-support/fake-switch.ts'
import type { PortState, SwitchEndpoint, SwitchPorts } from '../../src/drivers/switch/types.ts'
import { outcome, parked, tenant } from '../support/https-switch-rig.ts'

const user = { username: 'ferrule', password: 'Wort-hinter-dem-Schalter' }
const address = '127.0.0.1'
const port = 'Ethernet1'

let lab: GnmiServer
let ports: SwitchPorts

async function given(models?: string[]): Promise<void> {
  lab = await startGnmi({
    ...{ address, user, hosts: [port, 'Ethernet2'], uplinks: ['Ethernet49'], pxeVlan: 10, vlans: [555, 999] },
    ...{ reservedVlans: [150], ...(models ? { models } : {}) },
    learned: (of) => (of === port ? [{ mac: '52:54:00:aa:bb:01', vlan: 100 }] : []),
  })
  ports = opened({ fingerprint: lab.fingerprint })
}

function opened(trust: Partial<SwitchEndpoint>): SwitchPorts {
  return openSwitchPorts({
    id: 'tor1',
    driver: gnmi,
    endpoint: { address: `${address}:${lab.port}`, ...user, ...trust },
    fence: {
      ...{ ports: new Set([port, 'Ethernet2', 'Ethernet48']), vlanRange: { from: 100, to: 899 } },
      ...{ pxeVlan: 10, quarantineVlan: 999 },
    },
    timeouts: { coalesceMs: 0, readRetryMs: [5, 20], connectMs: 20_000, requestMs: 30_000 },
  })
}

beforeEach(() => given())
afterEach(async () => {
  await ports.close()
  await lab.stop()
})

const ensure = (state: PortState, of = port, lease = testLease()) =>
  ports.ensurePorts(lease, new Map([[of, state]]))

function state(of = port): PortState {
  const { untagged, tagged, enabled } = lab.model.membership(of)
  return { mode: tagged.length > 0 ? 'trunk' : 'access', untagged, tagged, enabled }
}

/** At every instant the port carried VLANs of one of these states alone. */
function expectNoLeak(from: number, ends: readonly PortState[]): void {
  for (const { port: of, membership } of lab.model.history.slice(from)) {
    if (of !== port) continue
    const now = [...carried({ mode: 'trunk', ...membership })]
    expect(
      ends.some((end) => now.every((vlan) => carried(end).has(vlan))),
      now.join(' '),
    ).toBe(true)
  }
}

test('access, trunk, another tenant, release: each one Set, kept over a reboot', async () => {
  const life = [
    tenant(100, 200, 201),
    tenant(101, 201),
    tenant(201, 101),
    { ...parked, enabled: false },
    parked,
  ]
  let before = parked
  for (const wanted of life) {
    const [from, sets] = [lab.model.history.length, lab.calls.filter((call) => call === 'Set').length]
    expect(await ensure(wanted)).toMatchObject([{ changed: true }])
    expect(state()).toEqual(wanted)
    expectNoLeak(from, [before, wanted])
    expect(lab.calls.filter((call) => call === 'Set')).toHaveLength(sets + 1)
    lab.model.reboot()
    expect(state()).toEqual(wanted)
    before = wanted
  }
  await ensure(parked)
  expect(lab.calls.at(-1)).toBe('Get')
  expect(state('Ethernet2')).toEqual(parked)
  expect([...lab.model.running.vlans.keys()]).toContain(200)
})

test('what it refuses is told in its words, and nothing of the change is there', async () => {
  const wanted = new Map([
    [port, tenant(101, 150)],
    ['Ethernet2', tenant(101)],
  ])
  const error = await outcome(ports.ensurePorts(testLease(), wanted))
  expect(error).toMatchObject({
    code: 'switch-refused',
    message: expect.stringMatching(/150 is an internal VLAN/),
  })
  expect([state(), state('Ethernet2')]).toEqual([parked, parked])
  expect(lab.model.history.filter((moment) => moment.port === port)).toEqual([])
  expect(await outcome(ensure(tenant(100), 'Ethernet48'))).toMatchObject({ code: 'not-found' })
})

describe.each([
  [parked, tenant(100, 200)],
  [tenant(100, 200), tenant(101, 201)],
  [tenant(100, 200), parked],
])('%j to %j', (before, wanted) => {
  test.each<GnmiFault>(['error', 'drop', 'lose', 'nothing'])(
    '%s: a true end, and nobody leaks',
    async (fault) => {
      await ensure(before)
      const from = lab.model.history.length
      lab.breakSet(0, fault)
      const error = await outcome(ensure(wanted))
      if (fault === 'lose') expect(error).toBe(null)
      else expect(error?.code).toMatch(/^switch-(unreachable|refused|mismatch)$/)
      expect([before, wanted].some((one) => samePort(state(), one))).toBe(true)
      expectNoLeak(from, [before, wanted])
      await ensure(wanted)
      expect(state()).toEqual(wanted)
    },
  )
})

test('somebody else changed the port since it was read: nothing is written over it unseen', async () => {
  let once = true
  const lease = testLease()
  const check = lease.check
  lease.check = async () => {
    await check.call(lease)
    if (!once) return
    once = false
    lab.model.change(({ ports }) => {
      const now = ports.get(port)
      if (now) ports.set(port, { ...now, access: 555 })
    })
  }
  const error = await outcome(ensure(tenant(100), port, lease))
  expect(error === null ? state() : error.code).toEqual(error === null ? tenant(100) : 'switch-mismatch')
  expectNoLeak(0, [parked, tenant(555), tenant(100)])
})

test('MAC addresses of a port, where the switch has the model for them', async () => {
  expect(await ports.readFdb(port)).toEqual([{ mac: '52:54:00:aa:bb:01', vlan: 100 }])
  expect(await ports.readFdb('Ethernet2')).toEqual([])
  await ports.close()
  await lab.stop()
  await given(['openconfig-interfaces', 'openconfig-vlan'])
  expect(await outcome(ports.readFdb(port))).toMatchObject({
    code: 'switch-refused',
    message: expect.stringMatching(/no MAC table/),
  })
})

test('a lost lease: nothing is written', async () => {
  const lease = testLease()
  lease.lose()
  expect(await outcome(ensure(tenant(100), port, lease))).toMatchObject({ code: 'lease-lost' })
  expect(state()).toEqual(parked)
})

describe('whom it believes', () => {
  const trusting = async (trust: Partial<SwitchEndpoint>) => {
    await ports.close()
    ports = opened(trust)
    return outcome(ports.readPorts([port]))
  }

  test('the pinned certificate, its authority, or anybody where a person said so', async () => {
    expect(await trusting({ fingerprint: lab.fingerprint })).toBe(null)
    expect(await trusting({ ca: lab.certificate })).toBe(null)
    expect(await trusting({ insecure: true })).toBe(null)
  })

  test('another certificate gets no call, and so no password', async () => {
    const other = await startGnmi({ address, user, hosts: [port], uplinks: [], pxeVlan: 10 })
    await other.stop()
    const called = lab.calls.length
    expect(await trusting({ fingerprint: other.fingerprint })).toMatchObject({ code: 'switch-auth' })
    expect(await trusting({ ca: other.certificate })).toMatchObject({ code: 'switch-auth' })
    expect(lab.calls).toHaveLength(called)
  })

  test('a wrong password is told without it', async () => {
    const error = await trusting({ fingerprint: lab.fingerprint, password: 'another-word' })
    expect(error).toMatchObject({ code: 'switch-auth' })
    expect(JSON.stringify([String(error), error?.details])).not.toContain('another-word')
  })

  test('nobody there', async () => {
    await lab.stop()
    expect(await trusting({ fingerprint: lab.fingerprint })).toMatchObject({ code: 'switch-unreachable' })
  })

  test('without anything to believe nothing is opened', () => {
    expect(gnmi.endpointFaults?.({ address, ...user })).toHaveLength(1)
    expect(() => gnmi.open({ address, ...user })).toThrow(/certificate/)
  })
})

test('a SONiC, whose model differs, is sent to its own type', async () => {
  await ports.close()
  await lab.stop()
  await given(['openconfig-interfaces', 'openconfig-vlan', 'sonic-vlan'])
  expect(await outcome(ports.readPorts([port]))).toMatchObject({
    code: 'switch-refused',
    message: expect.stringMatching(/RESTCONF/),
  })
})

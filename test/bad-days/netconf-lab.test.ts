import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type NetconfFault, type NetconfServer, startNetconf } from '../../lab/switch/netconf/server.ts'
import { openSwitchPorts } from '../../src/drivers/switch/engine.ts'
import { netconf } from '../../src/drivers/switch/openconfig/netconf/driver.ts'
import { carried, samePort } from '../../src/drivers/switch/port-state.ts'
import { testLease } from '../../src/drivers/switch/test-support/fake-switch.ts'
import type { PortState, SwitchEndpoint, SwitchPorts } from '../../src/drivers/switch/types.ts'
import { outcome, parked, tenant } from '../support/https-switch-rig.ts'

/** The NETCONF driver before the lab's switch; beside netconfd (test/peers) it has ports, VLANs and faults. */

const user = { username: 'ferrule', password: 'Wort-hinter-dem-Schalter' }
const address = '127.0.0.1'
const port = 'Ethernet1'

let lab: NetconfServer
let ports: SwitchPorts

async function given(old = false): Promise<void> {
  const { username, password } = user
  lab = await startNetconf({
    ...{ address, port: 0, hostname: 'tor1', user: { name: username, password }, old },
    ...{ hosts: [port, 'Ethernet2'], uplinks: ['Ethernet49'], pxeVlan: 10, vlans: [555, 999] },
    reservedVlans: [150],
    learned: (of) => (of === port ? [{ mac: '52:54:00:aa:bb:01', vlan: 100 }] : []),
  })
  ports = opened({ fingerprint: lab.fingerprint })
}

function opened(trust: Partial<SwitchEndpoint>): SwitchPorts {
  return openSwitchPorts({
    id: 'tor1',
    driver: netconf,
    endpoint: { address: `${address}:${lab.port}`, ...user, ...trust },
    fence: {
      ...{ ports: new Set([port, 'Ethernet2', 'Ethernet48']), vlanRange: { from: 100, to: 899 } },
      ...{ pxeVlan: 10, quarantineVlan: 999 },
    },
    timeouts: { coalesceMs: 0, readRetryMs: [5, 20], connectMs: 20_000, requestMs: 2_500 },
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

test.each([false, true])(
  'access, trunk, another tenant, release, over a reboot (base:1.0 alone: %s)',
  async (old) => {
    await ports.close()
    await lab.stop()
    await given(old)
    const life = [tenant(100, 200, 201), tenant(101, 201), { ...parked, enabled: false }, parked]
    let before = parked
    for (const wanted of life) {
      const from = lab.model.history.length
      expect(await ensure(wanted)).toMatchObject([{ changed: true }])
      expect(samePort(state(), wanted)).toBe(true)
      expectNoLeak(from, [before, wanted])
      lab.reboot()
      expect(samePort(state(), wanted)).toBe(true)
      before = wanted
    }
    expect(state('Ethernet2')).toEqual(parked)
    expect(lab.model.running.vlans.get(201)).toEqual({ name: 'ferrule-201' })
  },
)

test('what is right already is read and not written', async () => {
  await ensure(tenant(100, 200))
  lab.operations.length = 0
  expect(await ensure(tenant(100, 200))).toMatchObject([{ changed: false }])
  expect(new Set(lab.operations)).toEqual(new Set(['get-config']))
})

describe('each request that changes something meets each fault', () => {
  const faults: NetconfFault[] = ['refuse', 'swallow', 'drop-before', 'drop-after', 'half']
  // edit-config, confirmed commit, confirmation, the look whether it is one, save
  const cases = faults.flatMap((kind) => [0, 1, 2, 3, 4].map((after) => [kind, after] as const))

  test.each(cases)('%s at %i: as wished, or told and as before; and nobody leaks', async (kind, after) => {
    const [before, wanted] = [tenant(100, 200), tenant(101, 201)]
    await ensure(before)
    const from = lab.model.history.length
    lab.dials.fault = { after, kind, lasting: false }
    const error = await outcome(ensure(wanted))
    expect(lab.dials.fault).toBe(null)
    await expect.poll(() => lab.unconfirmed(), { timeout: 10_000 }).toBe(false)
    if (error === null) expect(samePort(state(), wanted)).toBe(true)
    else {
      expect(error.code).toMatch(/^switch-(unreachable|refused|mismatch)$/)
      expect([before, wanted].some((one) => samePort(state(), one))).toBe(true)
    }
    expectNoLeak(from, [before, wanted])
    await ensure(wanted)
    lab.reboot()
    expect(samePort(state(), wanted)).toBe(true)
  })
})

test('a confirmation that is one in words alone: told at once, and all is as before', async () => {
  await ensure(tenant(100, 200))
  lab.dials.fault = { after: 2, kind: 'swallow', lasting: false }
  expect(await outcome(ensure(tenant(101, 201)))).toMatchObject({
    code: 'switch-mismatch',
    message: expect.stringMatching(/said that it had confirmed the change, and had not/),
  })
  expect(lab.unconfirmed()).toBe(false)
  expect(samePort(state(), tenant(100, 200))).toBe(true)
})

test('a VLAN that the switch keeps for itself: told in its words, and all is as before', async () => {
  await ensure(tenant(100))
  expect(await outcome(ensure(tenant(101, 150)))).toMatchObject({
    code: 'switch-refused',
    message: expect.stringContaining('VLAN 150 is an internal VLAN'),
  })
  expect(samePort(state(), tenant(100))).toBe(true)
  await ensure(tenant(101))
})

test('saving that is a lie: told, for a reboot would bring the old tenant back', async () => {
  await ensure(tenant(100))
  lab.dials.saveLies = true
  expect(await outcome(ensure(tenant(101)))).toMatchObject({ code: 'switch-mismatch' })
})

test('what somebody else typed, and did not save, is put right and saved', async () => {
  await ensure(tenant(100))
  lab.model.putInto(port, 555)
  await ensure(tenant(100))
  lab.reboot()
  expect(samePort(state(), tenant(100))).toBe(true)
})

test('another machine at the address: the password is not told', async () => {
  lab.dials.otherHostKey = true
  expect(await outcome(ensure(tenant(100)))).toMatchObject({
    code: 'switch-auth',
    message: expect.stringContaining('host key'),
  })
  expect(lab.logins()).toBe(0)
})

test('a wrong password, and a login that takes its time', async () => {
  lab.dials.rejectPassword = true
  expect(await outcome(ensure(tenant(100)))).toMatchObject({ code: 'switch-auth' })
  lab.dials.rejectPassword = false
  lab.dials.loginMs = 1_000
  await ensure(tenant(100))
  expect(samePort(state(), tenant(100))).toBe(true)
})

test('MAC addresses of a port', async () => {
  expect(await ports.readFdb(port)).toEqual([{ mac: '52:54:00:aa:bb:01', vlan: 100 }])
  expect(await ports.readFdb('Ethernet2')).toEqual([])
  expect(lab.operations.filter((name) => name === 'get')).toHaveLength(2)
})

import { afterEach, beforeEach, expect, test } from 'vitest'
import { type EosServer, startEos } from '../../lab/switch/eapi/server.ts'
import { eosDialect } from '../../lab/switch/eapi/shell.ts'
import { SwitchportCli } from '../../lab/switch/switchport/cli.ts'
import { eapi } from '../../src/drivers/switch/eapi/driver.ts'
import { openSwitchPorts } from '../../src/drivers/switch/engine.ts'
import { testLease } from '../../src/drivers/switch/test-support/fake-switch.ts'
import type { SwitchPorts } from '../../src/drivers/switch/types.ts'
import { user } from '../support/https-switch.ts'
import { outcome, tenant } from '../support/https-switch-rig.ts'

let eos: EosServer
let ports: SwitchPorts
beforeEach(async () => {
  eos = await startEos({
    address: '127.0.0.1',
    users: [user],
    hosts: ['Ethernet1', 'Ethernet2'],
    uplinks: [],
    pxeVlan: 10,
    msPerSecond: 20,
    learned: () => [{ mac: '52:54:00:AA:BB:01', vlan: 10 }],
  })
  ports = openSwitchPorts({
    id: 'tor1',
    driver: eapi,
    endpoint: {
      address: `https://127.0.0.1:${eos.http.port}`,
      ...user,
      // a certificate that names the address is as good as one that is pinned
      ca: eos.http.identity.certificate,
    },
    fence: {
      ports: new Set(['1', '2']),
      vlanRange: { from: 100, to: 899 },
      pxeVlan: 10,
      quarantineVlan: 999,
    },
    timeouts: { coalesceMs: 0, readRetryMs: [5], requestMs: 5_000 },
  })
})
afterEach(async () => {
  await ports.close()
  await eos.stop()
})

/** What another process, or a person, has staged. */
function staged(name: string, ...lines: string[]): void {
  const cli = new SwitchportCli(eos.sessions.enter(name).config, eosDialect({ internalVlans: new Set() }))
  for (const line of lines) cli.type(line)
}

const ensure = () => ports.ensurePorts(testLease(), new Map([['1', tenant(100)]]))

test('a process died before it confirmed: its change is never taken for the state, and goes back by itself', async () => {
  staged('ferrule-dead', 'interface Ethernet2', 'switchport access vlan 666')
  eos.sessions.commitTimer('ferrule-dead', 60)
  expect(eos.model.membership('Ethernet2').untagged).toBe(666)
  expect((await ports.readPorts(['2'])).get('2')).toMatchObject({ untagged: 10 })
  await ensure()
  expect(eos.model.membership('Ethernet1').untagged).toBe(100)
  expect(eos.model.membership('Ethernet2').untagged).toBe(10)
})

test('what dead processes have staged and not committed is cleared away', async () => {
  for (const name of ['a', 'b', 'c', 'd', 'e']) staged(`ferrule-${name}`)
  await ensure()
  expect([...eos.sessions.all.values()].map(({ state }) => state)).toEqual(['completed'])
})

test('what people have staged is left alone', async () => {
  staged('maintenance', 'interface Ethernet2', 'description spare')
  await ensure()
  expect(eos.sessions.all.get('maintenance')?.state).toBe('pending')
})

test("while somebody else's commit waits for its timer nothing is written", async () => {
  staged('maintenance', 'interface Ethernet2', 'description spare')
  eos.sessions.commitTimer('maintenance', 3600)
  expect(await outcome(ensure())).toMatchObject({
    code: 'switch-refused',
    message: expect.stringMatching(/maintenance/),
  })
  expect(eos.model.membership('Ethernet1').untagged).toBe(10)
})

test('the switch restarts between commit and confirmation: what it started with is what counts', async () => {
  let confirmations = 0
  eos.http.dials.fault = ({ body }) => {
    if (/configure session ferrule-\w+ commit"/.test(body) && confirmations++ === 0) eos.reboot()
    return null
  }
  expect(await outcome(ensure())).toMatchObject({ code: 'switch-mismatch' })
  expect(confirmations).toBe(1)
  expect(eos.model.membership('Ethernet1').untagged).toBe(10)
  await ensure()
  expect(eos.model.membership('Ethernet1').untagged).toBe(100)
})

test('in clear text, where a person has asked for it twice', async () => {
  const clear = await startEos({
    address: '127.0.0.1',
    clear: true,
    users: [user],
    hosts: ['Ethernet1'],
    uplinks: [],
    pxeVlan: 10,
  })
  const device = eapi.open({ address: `http://127.0.0.1:${clear.http.port}`, ...user, insecure: true })
  try {
    expect((await device.readPorts(['Ethernet1'])).get('Ethernet1')).toMatchObject({ untagged: 10 })
  } finally {
    await device.close()
    await clear.stop()
  }
})

test('MAC addresses of a port', async () => {
  expect(await ports.readFdb('1')).toEqual([{ mac: '52:54:00:aa:bb:01', vlan: 10 }])
})

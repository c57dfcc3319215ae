import { afterEach, beforeEach, expect, test } from 'vitest'
import type { SwitchServer } from './server.ts'
import { cli, configure, startTestSwitch } from './test-switch.ts'

let tor: SwitchServer

beforeEach(async () => {
  tor = await startTestSwitch('dell', {
    sources: { learned: () => [{ port: '1/3', mac: '02:00:00:00:00:03', vlan: 200 }], neighbors: () => [] },
  })
})
afterEach(() => tor.stop())

const free = (port: string) => [
  'interface vlan 10',
  `no untagged te ${port}`,
  `interface te ${port}`,
  'no switchport',
  'no portmode hybrid',
]
const join = (port: string) => [
  `interface te ${port}`,
  'port-channel-protocol lacp',
  'port-channel 5 mode active',
]
const make = [
  'interface port-channel 5',
  'portmode hybrid',
  'switchport',
  'no shutdown',
  'interface vlan 200',
  'untagged Port-channel 5',
  'interface vlan 201',
  'tagged Po 5',
]

test('members carry the VLANs of their port-channel, as long as both are up', async () => {
  await configure(tor, ...free('1/3'), ...make, ...join('1/3'))
  const seen = { untagged: 200, tagged: [201], lag: 5 }
  expect(tor.model.membership('1/3')).toEqual({ enabled: true, ...seen })
  await configure(tor, 'interface port-channel 5', 'shutdown')
  expect(tor.model.membership('1/3')).toEqual({ enabled: false, ...seen })
})

test('a port in Layer 2 mode cannot come in, and a member gets no VLAN and no mode of its own', async () => {
  const refused = await configure(tor, ...make, ...join('1/3'))
  expect(refused.text).toContain('Te 1/3 Port is in Layer 2 mode.')
  expect(tor.model.membership('1/3')).toEqual({ enabled: true, untagged: 10, tagged: [] })
  await configure(tor, ...free('1/3'), ...join('1/3'))
  const member = await configure(
    tor,
    'interface te 1/3',
    'switchport',
    'interface vlan 10',
    'untagged te 1/3',
  )
  expect(member.text).toContain('Te 1/3 Port is part of a LAG.')
  expect(member.text).toContain('Te 1/3 Port is not in Layer 2 mode.')
})

test('the configuration shows it as OS9 does, survives a reboot, and learns on the port-channel', async () => {
  await configure(tor, ...free('1/3'), ...make, ...join('1/3'))
  await cli(tor, 'exec-command', 'write')
  tor.model.powerDown()
  tor.model.powerUp()
  const lines = (await cli(tor, 'show-command', 'running-config')).text.split('\r\n')
  const at = lines.indexOf('interface TenGigabitEthernet 1/3')
  expect(lines.slice(at + 1, at + 6)).toEqual([
    ' no ip address',
    '!',
    ' port-channel-protocol LACP',
    '  port-channel 5 mode active',
    ' no shutdown',
  ])
  expect(lines).toContain('interface Port-channel 5')
  expect(lines).toContain(' untagged Port-channel 5')
  const learned = await cli(tor, 'show-command', 'mac-address-table interface Port-channel 5')
  expect(learned.text).toMatch(/200 .*02:00:00:00:00:03 .*Po 5/)
})

test('dissolved: its members are in no VLAN, and no VLAN knows it', async () => {
  await configure(tor, ...free('1/3'), ...make, ...join('1/3'))
  const dissolved = await configure(tor, 'no interface Port-channel 5')
  expect(dissolved.text).not.toContain('% Error')
  expect(tor.model.membership('1/3')).toEqual({ enabled: true, untagged: null, tagged: [] })
  expect((await cli(tor, 'show-command', 'running-config')).text).not.toMatch(/port-channel/i)
})

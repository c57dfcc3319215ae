import { afterEach, beforeEach, expect, test } from 'vitest'
import type { SwitchServer } from './server.ts'
import { cli, configure, startTestSwitch } from './test-switch.ts'

let tor: SwitchServer

beforeEach(async () => {
  tor = await startTestSwitch('dell', {
    sources: {
      learned: () => [
        { port: '1/3', mac: '02:00:00:00:00:03', vlan: 10 },
        { port: '1/2', mac: '02:00:00:00:00:02', vlan: 200 },
      ],
      neighbors: () => [
        { port: '1/49', systemName: 'spine1', portId: 'Eth1/1', chassisId: '00:01:e8:aa:bb:cc' },
      ],
    },
  })
})
afterEach(() => tor.stop())

async function lines(command: string): Promise<string[]> {
  const { text } = await cli(tor, 'show-command', command)
  return text.split('\r\n')
}

test('interfaces switchport shows mode and membership with ranges', async () => {
  await configure(
    tor,
    'interface vlan 200',
    'tagged te 1/3',
    'interface vlan 201',
    'tagged te 1/3',
    'interface vlan 205',
    'tagged te 1/3',
  )
  const shown = await lines('interfaces switchport TenGigabitEthernet 1/3')
  expect(shown).toContain('Name: TenGigabitEthernet 1/3')
  expect(shown).toContain('802.1QTagged: Hybrid')
  expect(shown).toContain('U       10')
  expect(shown).toContain('T       200-201,205')
  expect(shown).toContain('Native Vlan Id:    10.')
})

test('long lists of VLANs go on in lines that begin with blanks', async () => {
  for (let vlan = 200; vlan < 240; vlan += 2) await configure(tor, `interface vlan ${vlan}`, 'tagged te 1/3')
  const shown = await lines('interfaces switchport te 1/3')
  const first = shown.findIndex((line) => line.startsWith('T '))
  const list = `${shown[first]?.slice(8)}${shown[first + 1]?.trim()}`
  expect(shown[first + 1]).toMatch(/^ {8}\d/)
  expect(list.split(',').map(Number)).toEqual(Array.from({ length: 20 }, (_, index) => 200 + 2 * index))
})

test('a port in Layer 3 mode has no switchport part', async () => {
  const shown = await lines('interfaces switchport te 1/5')
  expect(shown.some((line) => line.startsWith('Name:'))).toBe(false)
})

test('running-config of a VLAN lists members in ranges, startup-config what was saved', async () => {
  await configure(tor, 'interface vlan 200', 'description tenant-a', 'tagged te 1/1-2')
  const running = await lines('running-config interface vlan 200')
  expect(running.slice(1, -1)).toEqual([
    'interface Vlan 200',
    ' description tenant-a',
    ' no ip address',
    ' tagged TenGigabitEthernet 1/1-2',
    ' tagged fortyGigE 1/49',
    ' no shutdown',
    '!',
  ])
  expect((await lines('startup-config interface vlan 200')).join()).toContain('% Error')
  await cli(tor, 'exec-command', 'copy running-config startup-config')
  expect((await lines('startup-config')).slice(1, -1)).toEqual((await lines('running-config')).slice(2, -1))
})

test('running-config of a port', async () => {
  const shown = await lines('running-config interface TenGigabitEthernet 1/3')
  expect(shown.slice(1, -1)).toEqual([
    'interface TenGigabitEthernet 1/3',
    ' no ip address',
    ' portmode hybrid',
    ' switchport',
    ' no shutdown',
    '!',
  ])
})

test('vlan: the table of all', async () => {
  const shown = await lines('vlan')
  expect(shown).toContain('*   1      Inactive')
  expect(shown).toContain('    10     Active    pxe                             U Te 1/1-4')
})

test('mac-address-table of one port', async () => {
  const shown = await lines('mac-address-table interface TenGigabitEthernet 1/3')
  const rows = shown.filter((line) => /([0-9a-f]{2}:){5}/.test(line))
  expect(rows).toHaveLength(1)
  expect(rows[0]?.trim().split(/\s+/)).toEqual(['10', '02:00:00:00:00:03', 'Dynamic', 'Te', '1/3', 'Active'])
})

test('lldp neighbors', async () => {
  const shown = await lines('lldp neighbors')
  expect(
    shown
      .find((line) => line.includes('spine1'))
      ?.trim()
      .split(/\s+/),
  ).toEqual(['Fo', '1/49', 'spine1', 'Eth1/1', '00:01:e8:aa:bb:cc'])
})

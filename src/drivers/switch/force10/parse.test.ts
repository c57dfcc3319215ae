import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import {
  cliRefusals,
  parseCliAnswer,
  parseConfig,
  parseMacTable,
  parseNeighbours,
  portState,
} from './parse.ts'
import { channelName } from './ports.ts'

const runningConfig = readFileSync(new URL('fixtures/running-config.txt', import.meta.url), 'utf8')
const state = (port: string, text = runningConfig) => portState(parseConfig(text), port)

describe('running-config and startup-config', () => {
  test('a prepared access port', () => {
    const access = { mode: 'access', untagged: 10, tagged: [], enabled: true }
    expect(state('TenGigabitEthernet 1/1')).toEqual(access)
  })

  test('a plain switchport is not prepared', () => {
    const plain = { mode: 'access', untagged: 10, tagged: [], enabled: true, prepared: false }
    expect(state('TenGigabitEthernet 1/2')).toEqual(plain)
  })

  test('a hybrid trunk, its memberships spread over ranges', () => {
    const trunk = { mode: 'trunk', untagged: 300, tagged: [200, 201], enabled: true }
    expect(state('TenGigabitEthernet 1/3')).toEqual(trunk)
  })

  test('a plain port with tags only drops untagged frames; a hybrid one would have them in the default VLAN', () => {
    expect(state('TenGigabitEthernet 1/4')?.untagged).toBeNull()
    const hybrid = runningConfig.replace(
      'interface TenGigabitEthernet 1/4\n no ip address\n',
      '$& portmode hybrid\n',
    )
    expect(state('TenGigabitEthernet 1/4', hybrid)?.untagged).toBe(1)
  })

  test('a port outside layer 2 is in no VLAN', () => {
    const born = { mode: 'access', untagged: null, tagged: [], enabled: false, prepared: false }
    expect(state('TenGigabitEthernet 1/5')).toEqual(born)
  })

  test('a port that is shut down keeps its VLANs', () => {
    expect(state('TenGigabitEthernet 1/6')).toMatchObject({ untagged: 300, tagged: [200], enabled: false })
  })

  test('a switchport in no VLAN is in the default VLAN, whichever that is', () => {
    expect(state('TenGigabitEthernet 1/7')?.untagged).toBe(1)
    expect(state('TenGigabitEthernet 1/7', `default vlan-id 77\n!\n${runningConfig}`)?.untagged).toBe(77)
    expect(state('TenGigabitEthernet 1/7', `default-vlan disable\n!\n${runningConfig}`)?.untagged).toBeNull()
  })

  test('ports that are not there, port-channels and the management port are no ports', () => {
    expect(state('TenGigabitEthernet 1/8')).toBeNull()
    expect([...parseConfig(runningConfig).ports.keys()]).toHaveLength(8)
  })

  test('VLANs with their descriptions, CR LF or not', () => {
    const { vlans } = parseConfig(runningConfig.replaceAll('\n', '\r\n'))
    expect([...vlans].map(([id, vlan]) => [id, vlan.description])).toEqual([
      [1, null],
      [10, 'PXE'],
      [200, 'tenant-a'],
      [201, null],
      [300, null],
    ])
  })
})

describe('REST-CLI answers', () => {
  test('the text of the terminal, unescaped, numbers and blanks untouched', () => {
    const xml = `<output xmlns='http://www.dell.com/ns/dell:0.1/root'>\n<command>show x\r\n 007 &lt;a&gt; &amp;\r\nDell#</command>\n</output>\n`
    expect(parseCliAnswer(xml)?.split(/\r?\n/)).toEqual(['show x', ' 007 <a> &', 'Dell#'])
  })

  test.each([
    ['<output/>', ''],
    ['', ''],
    ['<html>login</html>', null],
    ['<output><command>x', null],
    ['no xml', null],
  ])('%j', (body, text) => {
    expect(parseCliAnswer(body)).toBe(text)
  })

  test('a whole configuration passes through the XML unchanged', () => {
    const escaped = runningConfig.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
    const text = parseCliAnswer(`<output><command>${escaped}</command></output>`)
    expect(text).toBe(runningConfig)
  })

  test('refusals are found, prompts and log lines are not taken for them', () => {
    const text = [
      'Dell(conf)#interface vlan 5000',
      '                          ^',
      '% Error: Invalid input at "^" marker.',
      '% Warning: this may take a while',
      'Nov 23 10:00:00 %STKUNIT1-M:CP %FILEMGR-5-FILESAVED: Copied running-config to startup-config',
      '%STKUNIT1-M:CP %FILEMGR-5-FILESAVED: Copied running-config',
      '  % Port is in Layer-2 mode Te 1/3.',
      'Dell(conf)#description % Error: not this one',
    ].join('\r\n')
    expect(cliRefusals(text)).toEqual([
      '% Error: Invalid input at "^" marker.',
      '% Port is in Layer-2 mode Te 1/3.',
    ])
  })
})

test('learned addresses', () => {
  const text = [
    'Codes: *N - VLT Peer Synced MAC',
    'VlanId     Mac Address           Type          Interface        State',
    ' 10        52:54:00:AA:00:01     Dynamic       Te 1/3           Active',
    ' 200       52:54:00:aa:00:02     Dynamic       Te 1/3           Active',
    ' 10        52:54:00:aa:00:03     Dynamic       Te 1/4           Active',
    ' 10        52:54:00:aa:00:04     Dynamic       Po 1             Active',
  ].join('\r\n')
  expect(parseMacTable(text)).toEqual([
    { port: 'TenGigabitEthernet 1/3', mac: '52:54:00:aa:00:01', vlan: 10 },
    { port: 'TenGigabitEthernet 1/3', mac: '52:54:00:aa:00:02', vlan: 200 },
    { port: 'TenGigabitEthernet 1/4', mac: '52:54:00:aa:00:03', vlan: 10 },
    { port: channelName(1), mac: '52:54:00:aa:00:04', vlan: 10 },
  ])
})

test('neighbours whose port id is a MAC address', () => {
  const text = [
    ' Loc PortID     Rem Host Name     Rem Port Id                        Rem Chassis Id',
    ' --------------------------------------------------------------------------------',
    '',
    ' Te 1/3         -                 D4:AE:52:00:00:01                  d4:ae:52:00:00:00',
    ' Te 1/4         a server          d4:ae:52:00:00:02                  d4:ae:52:00:00:02',
    ' Fo 1/49        spine1            Eth1/1                             00:01:e8:aa:bb:cc',
  ].join('\r\n')
  expect(parseNeighbours(text)).toEqual([
    { port: 'TenGigabitEthernet 1/3', mac: 'd4:ae:52:00:00:01', ttl: null },
    { port: 'TenGigabitEthernet 1/4', mac: 'd4:ae:52:00:00:02', ttl: null },
  ])
})

import { expect, test } from 'vitest'
import type { Dialect, Shell } from './dialect.ts'
import { dialects, rackModel } from './makes.ts'
import { type CliModel, Refused } from './model.ts'

/** A switch of this make with two hosts' ports, and what it says to lines at its console. */
function console(dialect: Dialect): { model: CliModel; type(...lines: string[]): string } {
  const [first, second, third] = dialect.ports
  const model = rackModel(dialect, { hosts: [first, second], unused: [third], pxeVlan: 10, vlans: [20, 30] })
  const shell: Shell = {
    ...{ model, host: 'tor1', user: 'admin', mode: 'exec', at: '', paging: false, status: 0 },
    ...{ candidate: null, pending: null },
  }
  const say = (line: string): string => {
    try {
      return dialect.run(line, shell)
    } catch (error) {
      if (error instanceof Refused) return error.message
      throw error
    }
  }
  return { model, type: (...lines) => lines.map(say).join('') }
}

const makes = [
  {
    dialect: dialects.os10,
    channel: 'port-channel12',
    fallback: 'lacp fallback enable',
    native: 'switchport access vlan 20',
    inMember: [' no shutdown', ' channel-group 12 mode active', ' no switchport'],
  },
  {
    dialect: dialects.eos,
    channel: 'Port-Channel12',
    fallback: 'port-channel lacp fallback static',
    native: 'switchport trunk native vlan 20',
    inMember: ['   switchport access vlan 10', '   channel-group 12 mode active'],
  },
]

test.each(makes)(
  '$dialect.name: members carry what the port-channel does, one of them without LACP',
  (make) => {
    const { model, type } = console(make.dialect)
    const [first, second] = make.dialect.ports
    expect(type('configure terminal', `interface ${make.channel}`)).toBe('')
    for (const port of [first, second])
      expect(type(`interface ${port}`, 'channel-group 12 mode active')).toBe('')
    // the port-channel is of the default VLAN, and the ports' own counts no more
    expect(model.seen(first)).toEqual({ enabled: true, untagged: 1, tagged: [], lag: 12 })
    const list = make.dialect.name === 'eos' ? '20,30' : '30'
    expect(
      type(
        `interface ${make.channel}`,
        ...['switchport mode trunk', make.native, `switchport trunk allowed vlan ${list}`, make.fallback],
      ),
    ).toBe('')
    const carried = { enabled: true, untagged: 20, tagged: [30], lag: 12 }
    expect(model.seen(first)).toEqual({ ...carried, fallback: true })
    expect(model.seen(second)).toEqual(carried)
    expect(model.countsFor(second)).toBe(make.channel)

    type('end')
    const text = type(make.dialect.name === 'eos' ? 'show running-config' : 'show running-configuration')
    const sectionOf = (name: string) => text.split('!\n').find((one) => one.startsWith(`interface ${name}\n`))
    expect(sectionOf(first)?.trimEnd().split('\n').slice(1)).toEqual(make.inMember)
    expect(sectionOf(make.channel)).toContain(make.fallback)

    // shut, the whole of it is; and a member that leaves has what it had before
    type('configure terminal', `interface ${make.channel}`, 'shutdown')
    expect(model.seen(second)).toMatchObject({ enabled: false, untagged: null, tagged: [] })
    type(`interface ${second}`, 'no channel-group')
    expect(model.seen(second)).toEqual({ enabled: true, untagged: 10, tagged: [] })
  },
)

test.each(makes)('$dialect.name: without LACP it is no LAG that could be told', (make) => {
  const { model, type } = console(make.dialect)
  const [first] = make.dialect.ports
  type('configure terminal', `interface ${make.channel}`, `interface ${first}`, 'channel-group 12 mode on')
  expect(model.seen(first)).toEqual({ enabled: true, untagged: 1, tagged: [] })
})

test('OS10 refuses VLANs of a member, a second port-channel, and one that is not there', () => {
  const { type } = console(dialects.os10)
  const [first] = dialects.os10.ports
  type('configure terminal', `interface ${first}`)
  expect(type('channel-group 12 mode active')).toContain('port-channel12 does not exist')
  type('interface port-channel 12', `interface ${first}`, 'channel-group 12 mode active')
  expect(type('channel-group 13 mode active')).toMatch(/^% Error/)
  expect(type('switchport access vlan 20')).toContain('member of port-channel12')
  expect(type('lacp fallback enable')).toMatch(/^% Error/)
  expect(type('interface port-channel 129')).toMatch(/^% Error/)
})

test('EOS keeps the VLANs of a member asleep, and makes the port-channel of its first member', () => {
  const { model, type } = console(dialects.eos)
  const [first] = dialects.eos.ports
  expect(type('configure terminal', `interface ${first}`, 'channel-group 7 mode passive')).toBe('')
  expect(type('switchport access vlan 20')).toBe('')
  expect(model.seen(first)).toEqual({ enabled: true, untagged: 1, tagged: [], lag: 7 })
  expect(type('interface Port-Channel7', 'port-channel lacp fallback individual')).toBe('')
  expect(model.seen(first).fallback).toBeUndefined()
})

test('makes of which the lab knows no port-channels refuse them', () => {
  const { type } = console(dialects.nxos)
  expect(type('configure terminal', 'interface port-channel12')).toMatch(/Invalid interface/)
  expect(type(`interface ${dialects.nxos.ports[0]}`, 'channel-group 12 mode active')).toMatch(/Invalid/)
})

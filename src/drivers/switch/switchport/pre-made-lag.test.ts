import { expect, test } from 'vitest'
import { interfaces } from '../cli/config-text.ts'
import { eos } from '../cli/profiles/eos.ts'
import { os10 } from '../cli/profiles/os10.ts'
import { sections } from './config-text.ts'
import { eosFallback, os10Fallback, preMadeLagIn } from './pre-made-lag.ts'

const onEos = (fallback: string, mode = 'active') => `!
interface Port-Channel1
   switchport access vlan 20
   port-channel lacp fallback static
!
interface Port-Channel12
   switchport access vlan 10
${fallback}!
interface Ethernet1
   channel-group 12 mode active
!
interface Ethernet2
   channel-group 12 mode ${mode}
!
interface Ethernet3
   channel-group 1 mode active
!
end
`
const line = (text: string) => `   port-channel lacp fallback${text}\n`

test.each([
  ['', 'has no LACP fallback'],
  [line(' timeout 5'), 'has no LACP fallback'],
  [line(' individual'), expect.stringContaining('individual ports')],
  [line(' static'), null],
  [line('') + line(' timeout 5'), null],
])('EOS: %j', (text, fallback) => {
  const seen = { members: ['Ethernet1', 'Ethernet2'], lacp: true, fallback }
  expect(preMadeLagIn(sections(onEos(text)), 'Port-Channel12', eosFallback)).toMatchObject(seen)
  expect(preMadeLagIn(interfaces(onEos(text)), 'Port-Channel12', eosFallback)).toMatchObject(seen)
})

test('a member that speaks no LACP, a LAG that is not there, and one without members', () => {
  const read = (text: string, lag: string) => preMadeLagIn(interfaces(text), lag, eosFallback)
  expect(read(onEos('', 'on'), 'Port-Channel12')?.lacp).toBe(false)
  expect(read(onEos(''), 'Port-Channel2')).toBeNull()
  expect(read('interface Port-Channel2\n', 'Port-Channel2')).toMatchObject({ members: [], lacp: false })
})

test('OS10: `lacp fallback enable` on the port-channel', () => {
  const text = (fallback: string) => `!
interface port-channel12
 no shutdown
 switchport access vlan 10
${fallback}!
interface ethernet1/1/1
 no shutdown
 channel-group 12 mode active
 no switchport
!
interface ethernet1/1/2
 no shutdown
 channel-group 12 mode active
!
`
  const read = (fallback: string) => preMadeLagIn(interfaces(text(fallback)), 'port-channel12', os10Fallback)
  const members = ['ethernet1/1/1', 'ethernet1/1/2']
  expect(read(' lacp fallback timeout 20\n')).toMatchObject({
    members,
    lacp: true,
    fallback: 'has no LACP fallback',
  })
  expect(read(' lacp fallback enable\n')).toMatchObject({ members, lacp: true, fallback: null })
  expect([os10.read.fallback, eos.read.fallback]).toEqual([os10Fallback, eosFallback])
})

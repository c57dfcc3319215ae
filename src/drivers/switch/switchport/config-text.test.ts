import { expect, test } from 'vitest'
import { savedPorts } from './config-text.ts'

const text = `! Command: show startup-config
vlan 100
   name ferrule-100
!
interface Ethernet1
   description r1-h1
   switchport access vlan 100
!
interface Ethernet2
   shutdown
   switchport access vlan 100
   switchport trunk native vlan 100
   switchport trunk allowed vlan 100,200-202
   switchport mode trunk
!
interface Ethernet3
   switchport mode trunk
!
interface Ethernet4
   switchport trunk allowed vlan none
   switchport mode trunk
!
interface Ethernet 5
   switchport mode trunk
   switchport trunk native vlan tag
   switchport trunk allowed vlan 10-12
   switchport trunk allowed vlan add 20
!
interface Ethernet6
   no switchport
   ip address 10.0.0.1/31
!
interface Ethernet7
   switchport mode dot1q-tunnel
!
interface Ethernet8
!
end
`

test.each([
  ['Ethernet1', { mode: 'access', untagged: 100, tagged: [], enabled: true }],
  ['Ethernet2', { mode: 'trunk', untagged: 100, tagged: [200, 201, 202], enabled: false }],
  ['Ethernet4', { mode: 'trunk', untagged: null, tagged: [], enabled: true }],
  ['Ethernet5', { mode: 'trunk', untagged: null, tagged: [10, 11, 12, 20], enabled: true }],
  ['Ethernet6', { mode: 'access', untagged: null, tagged: [], enabled: true }],
  ['Ethernet7', null],
  ['Ethernet8', { mode: 'access', untagged: 1, tagged: [], enabled: true }],
  ['Ethernet9', undefined],
])('%s', (port, state) => {
  expect(savedPorts(text).get(port)).toEqual(state)
})

test('a trunk without a list carries everything', () => {
  const port = savedPorts(text).get('Ethernet3')
  expect(port).toMatchObject({ mode: 'trunk', untagged: 1 })
  expect(port?.tagged).toHaveLength(4093)
})

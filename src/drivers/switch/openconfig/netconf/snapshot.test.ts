import { expect, test } from 'vitest'
import { parseReply } from './reply.ts'
import { parseSnapshot } from './snapshot.ts'

const read = (data: string, makesVlans = true) =>
  parseSnapshot(parseReply(`<rpc-reply message-id="1"><data>${data}</data></rpc-reply>`).data, makesVlans)
const vlans = (leaves: string) =>
  `<oc-eth:ethernet><oc-vlan:switched-vlan><oc-vlan:config>${leaves}</oc-vlan:config></oc-vlan:switched-vlan></oc-eth:ethernet>`
const port = (inner: string) =>
  `<interfaces><interface><name>Ethernet1</name>${inner}</interface></interfaces>`

test('a trunk with ranges, under whatever prefixes', () => {
  const leaves =
    '<interface-mode>TRUNK</interface-mode><native-vlan>201</native-vlan><trunk-vlans>201</trunk-vlans><trunk-vlans>301..303</trunk-vlans>'
  const { ports } = read(port(`<config><enabled>false</enabled></config>${vlans(leaves)}`))
  expect(ports.get('Ethernet1')).toEqual({
    enabled: false,
    vlans: { mode: 'TRUNK', accessVlan: null, nativeVlan: 201, trunkVlans: [201, 301, 302, 303] },
  })
})

test('VLANs of the default network instance, and of the root', () => {
  const list = '<vlans><vlan><vlan-id>301</vlan-id><config><name>x</name></config></vlan></vlans>'
  const instance = `<network-instances><network-instance><name>default</name>${list}</network-instance></network-instances>`
  for (const where of [list, instance]) expect(read(where).vlans).toEqual([{ vlan: 301, description: 'x' }])
  expect(read('').vlans).toEqual([])
  expect(read(list, false).vlans).toBeNull()
})

test('a member of an aggregate is told from a port', () => {
  const member = '<ethernet><config><aggregate-id>Port-Channel5</aggregate-id></config></ethernet>'
  expect(read(port(member)).members).toEqual(new Map([['Ethernet1', 'Port-Channel5']]))
})

test.each([
  ['a VLAN that is none', '<interface-mode>ACCESS</interface-mode><access-vlan>5000</access-vlan>'],
  ['a list that is none', '<interface-mode>TRUNK</interface-mode><trunk-vlans>all</trunk-vlans>'],
  ['a mode that we do not know', '<interface-mode>DOT1Q_TUNNEL</interface-mode>'],
])('%s is an error, and never read as less', (_name, leaves) => {
  expect(() => read(port(vlans(leaves)))).toThrow()
})

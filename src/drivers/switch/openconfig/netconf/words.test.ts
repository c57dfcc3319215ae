import { expect, test } from 'vitest'
import { openConfig } from '../dialect.ts'
import { portConfig } from '../model.ts'
import { traitsOf } from './traits.ts'
import { editConfig, getConfig } from './words.ts'

const instances =
  'http://openconfig.net/yang/network-instance?module=openconfig-network-instance&revision=2023-02-07'
const traits = traitsOf([instances, 'urn:ietf:params:netconf:capability:rollback-on-error:1.0'])
const state = { mode: 'trunk', untagged: 201, tagged: [301], enabled: false } as const
const wanted = portConfig(state, openConfig)

test('one edit: the VLANs first, then the ports; only switched-vlan/config is replaced', () => {
  const ports = [{ port: 'Ethernet1', before: wanted, wanted }]
  const edit = editConfig('candidate', { ports, newVlans: [301] }, traits)
  expect(edit).toContain('<error-option>rollback-on-error</error-option>')
  expect(
    edit.indexOf('<vlan-id>301</vlan-id><config><vlan-id>301</vlan-id><name>ferrule-301</name>'),
  ).toBeLessThan(edit.indexOf('<name>Ethernet1</name>'))
  expect(edit).toContain('<config><name>Ethernet1</name><enabled>false</enabled></config>')
  expect(edit.match(/nc:operation="[a-z]+"/g)).toEqual(['nc:operation="replace"'])
  expect(edit).toContain(
    'nc:operation="replace"><interface-mode>TRUNK</interface-mode><native-vlan>201</native-vlan><trunk-vlans>201</trunk-vlans><trunk-vlans>301</trunk-vlans></config>',
  )
})

test('VLANs are asked for where the switch has them, and nowhere else', () => {
  expect(getConfig('running', traits)).toContain('<network-instance><name>default</name><vlans/>')
  expect(getConfig('running', { vlansAt: 'nowhere' })).not.toContain('vlans/')
})

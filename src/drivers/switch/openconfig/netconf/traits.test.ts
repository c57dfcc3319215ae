import { expect, test } from 'vitest'
import { traitsOf } from './traits.ts'

const capability = (name: string) => `urn:ietf:params:netconf:capability:${name}`
const vlanModule = (revision: string) =>
  `http://openconfig.net/yang/vlan?module=openconfig-vlan&revision=${revision}`
const instances =
  'http://openconfig.net/yang/network-instance?module=openconfig-network-instance&revision=2023-02-07'

test('a switch that takes commits back', () => {
  const traits = traitsOf(
    ['candidate:1.0', 'confirmed-commit:1.1', 'startup:1.0', 'rollback-on-error:1.0'].map(capability),
  )
  expect(traits).toMatchObject({
    candidate: true,
    writableRunning: false,
    confirmedCommit: true,
    cancelCommit: true,
    rollbackOnError: true,
    capabilities: { transaction: 'confirmed', saveSeparate: true },
  })
})

test('confirmed-commit:1.0 knows no cancel, and means nothing without a candidate', () => {
  expect(traitsOf(['candidate:1.0', 'confirmed-commit:1.0'].map(capability))).toMatchObject({
    confirmedCommit: true,
    cancelCommit: false,
  })
  expect(traitsOf([capability('confirmed-commit:1.1')])).toMatchObject({
    confirmedCommit: false,
    cancelCommit: false,
  })
})

test('a switch that only has running', () => {
  expect(traitsOf([capability('writable-running:1.0')])).toMatchObject({
    candidate: false,
    writableRunning: true,
    capabilities: { transaction: 'none', saveSeparate: false },
  })
})

test.each([
  ['network instances', [instances, vlanModule('2023-02-07')], 'network-instance'],
  ['the root of the tree, before 2.0.0', [vlanModule('2016-05-26')], 'root'],
  ['nowhere, after it', [vlanModule('2019-04-16')], 'nowhere'],
  ['nowhere, without the module', [], 'nowhere'],
])('VLANs are made in %s', (_name, modules, at) => {
  expect(traitsOf(modules).vlansAt).toBe(at)
})

test('whether VLANs have to be made is not known before the hello', () => {
  expect(traitsOf([]).capabilities.implicitVlans).toBe(false)
  expect(traitsOf([instances]).capabilities.implicitVlans).toBe(false)
  expect(traitsOf(['urn:ietf:params:netconf:base:1.1']).capabilities.implicitVlans).toBe(true)
})

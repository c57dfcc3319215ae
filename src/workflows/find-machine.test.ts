import { expect, test } from 'vitest'
import type { HostBmc } from '../domain/host.ts'
import { ipmiBmc } from '../domain/test-support/host-bmc.ts'
import type { BmcPowerParameters } from '../maas/types.ts'
import { bareAddress, sameBmc } from './find-machine.ts'

const inMaas = (type: 'ipmi' | 'redfish', address: string, node?: string): BmcPowerParameters => ({
  type,
  address,
  username: 'u',
  password: 'p',
  ...(node === undefined ? {} : { node }),
})
const ours = (protocol: HostBmc['protocol'], address: string, more: Partial<HostBmc> = {}) =>
  ipmiBmc(address, { protocol, ...more })

test.each<[string, BmcPowerParameters, HostBmc, boolean]>([
  ['one address', inMaas('ipmi', '10.0.0.7'), ours('ipmi', '10.0.0.7'), true],
  ["the protocol's own port is said or not", inMaas('ipmi', '10.0.0.7:623'), ours('ipmi', '10.0.0.7'), true],
  ['a URL', inMaas('redfish', 'https://BMC-7/redfish/v1'), ours('redfish', 'bmc-7'), true],
  ['another address', inMaas('ipmi', '10.0.0.8'), ours('ipmi', '10.0.0.7'), false],
  ['another port of one protocol', inMaas('ipmi', '10.0.0.7:6230'), ours('ipmi', '10.0.0.7:6231'), false],
  [
    'IPMI there and Redfish here, each on its port',
    inMaas('ipmi', '10.0.0.7:6230'),
    ours('redfish', '10.0.0.7:8443'),
    true,
  ],
  ['auto that has not looked yet', inMaas('ipmi', '10.0.0.7:6230'), ours('auto', '10.0.0.7:6231'), true],
  [
    'auto that found the same protocol',
    inMaas('ipmi', '10.0.0.7:6230'),
    ours('auto', '10.0.0.7:6231', { found: 'ipmi' }),
    false,
  ],
  [
    'auto whose certificate is trusted speaks Redfish',
    inMaas('redfish', '10.0.0.7:8443'),
    ours('auto', '10.0.0.7:8444', { fingerprint: 'ab'.repeat(32) }),
    false,
  ],
  ['IPv6', inMaas('redfish', '[fe80::1]:443'), ours('redfish', '[fe80::1]'), true],
  [
    'another system of one BMC',
    inMaas('redfish', '10.0.0.7', '1'),
    ours('redfish', '10.0.0.7', { system: '2' }),
    false,
  ],
  ['the same system', inMaas('redfish', '10.0.0.7', '1'), ours('redfish', '10.0.0.7', { system: '1' }), true],
])('the BMC that MAAS reaches: %s', (_, known, bmc, same) => {
  expect(sameBmc(known, bmc)).toBe(same)
})

test.each([
  ['10.0.0.7:623', '10.0.0.7'],
  ['https://BMC-7:8443/redfish/v1', 'bmc-7:8443'],
  ['10.0.0.7', '10.0.0.7'],
])('MAAS writes %s, our records %s', (inMaas, inRecords) => {
  expect(bareAddress(inMaas)).toBe(inRecords)
})

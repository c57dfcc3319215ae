import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { macPatch, macPolicyOf, refuseOtherMac } from './mac-policy.ts'
import { type CloudstackVm, parsePayload } from './payload.ts'

const recorded = JSON.parse(
  readFileSync(new URL('../../test/fixtures/cloudstack/prepare.json', import.meta.url), 'utf8'),
)
const vm = (virtualmachine: object = {}, host: object = {}) =>
  parsePayload({ ...recorded, externaldetails: { virtualmachine, host } })
const own = { name: 'r1-h1', bootMac: '52:54:00:00:00:01' }

/** Of the services a rule of MACs reads one setting. */
function call(of: CloudstackVm, macPolicy: 'cloudstack' | 'host' = 'cloudstack') {
  return { vm: of, services: { settings: { macPolicy } } } as unknown as Parameters<typeof macPolicyOf>[0]
}

describe('whose MAC a VM has', () => {
  test("the VM's detail goes before its host's, and that before the settings", () => {
    expect(macPolicyOf(call(vm()))).toBe('cloudstack')
    expect(macPolicyOf(call(vm(), 'host'))).toBe('host')
    expect(macPolicyOf(call(vm({}, { mac_policy: 'host' })))).toBe('host')
    expect(macPolicyOf(call(vm({ mac_policy: 'cloudstack' }, { mac_policy: 'host' }), 'host'))).toBe(
      'cloudstack',
    )
    expect(() => macPolicyOf(call(vm({ mac_policy: 'mine' })))).toThrow(/MAC policy "mine" is unknown/)
  })

  test('every NIC is named with its network; only the default one gets another MAC', () => {
    const [first] = vm().nics
    if (!first) throw new Error('the recorded payload has a NIC')
    const second = { ...first, id: 'n2', networkId: 'other', mac: '02:01:00:cd:00:01', isDefault: false }
    expect(macPatch({ ...vm(), nics: [first, second] }, own)).toEqual({
      nics: [
        { uuid: first.networkId, nicUuid: first.id, mac: own.bootMac },
        { uuid: 'other', nicUuid: 'n2', mac: '02:01:00:cd:00:01' },
      ],
    })
    // CloudStack would merge the two into one
    const twice = { ...second, networkId: first.networkId }
    expect(() => macPatch({ ...vm(), nics: [first, twice] }, own)).toThrow(
      /two NICs of .* are in one network/,
    )
  })

  test('the IPv6 address follows the MAC that it is made of', () => {
    const [first] = vm().nics
    if (!first) throw new Error('the recorded payload has a NIC')
    const ip6 = { address: '2001:db8:0:1:1:ff:fecc:1', cidr: '2001:db8:0:1::/64' }
    const second = { ...first, id: 'n2', networkId: 'other', isDefault: false, ip6 }
    const { nics } = macPatch({ ...vm(), nics: [{ ...first, ip6 }, second] }, own)
    expect(nics).toEqual([
      {
        uuid: first.networkId,
        nicUuid: first.id,
        mac: own.bootMac,
        ip6address: '2001:db8:0:1:5054:ff:fe00:1',
      },
      { uuid: 'other', nicUuid: 'n2', mac: first.mac },
    ])
  })

  test('a MAC that CloudStack did not take over is refused', () => {
    expect(() => refuseOtherMac(call(vm()), own)).not.toThrow()
    expect(() => refuseOtherMac(call(vm(), 'host'), own)).toThrow(/has 02:01:00:cc:00:01 instead of 52:54/)
    const taken = vm()
    const nics = taken.nics.map((nic) => ({ ...nic, mac: own.bootMac }))
    expect(() => refuseOtherMac(call({ ...taken, nics }, 'host'), own)).not.toThrow()
  })
})

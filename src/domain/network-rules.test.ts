import { describe, expect, test } from 'vitest'
import { planBond } from './bond-plan.ts'
import type { InstanceNic } from './instance.ts'
import { lldpNeighbours } from './lldp.ts'
import { localMac, normaliseMac } from './mac.ts'
import { carriesSame, describePort, pxePort, quarantinePort, tenantPort } from './port-plan.ts'
import { parseBroadcastUri, tenantVlanFault } from './vlan.ts'

const nic = (vlan: number, isDefault = false): InstanceNic => ({
  id: `n${vlan}`,
  networkId: `net${vlan}`,
  mac: '02:00:00:00:00:01',
  vlan,
  isDefault,
})

describe('port plans', () => {
  test('one network is an access port, more are a trunk with the default network untagged', () => {
    expect(tenantPort([nic(101, true)])).toEqual({ mode: 'access', untagged: 101, tagged: [], enabled: true })
    expect(tenantPort([nic(300), nic(101, true), nic(200)])).toEqual({
      mode: 'trunk',
      untagged: 101,
      tagged: [200, 300],
      enabled: true,
    })
  })

  test('only a tenant is ever in a LAG, on the switch that has one for it', () => {
    expect(tenantPort([nic(101, true)], 7).lag).toBe(7)
    expect(describePort(tenantPort([nic(101, true)], 7))).toBe('access untagged 101 in LAG 7')
    expect(carriesSame(tenantPort([nic(101, true)], 7), tenantPort([nic(101, true)]))).toBe(false)
  })

  test('parked ports carry one VLAN and nothing else', () => {
    expect(pxePort(10)).toEqual({ mode: 'access', untagged: 10, tagged: [], enabled: true })
    expect(quarantinePort(999).untagged).toBe(999)
  })
})

describe('bonds', () => {
  const boot = { mac: 'a', name: 'eno1', wired: true, usable: true, isBoot: true }
  const second = { mac: 'b', name: 'eno2', wired: true, usable: true, isBoot: false }

  test('one wired NIC is a bond of one, two are a bond of two with the boot NIC first', () => {
    expect(planBond([boot])).toMatchObject({ members: ['a'], notes: [] })
    expect(planBond([second, boot])).toMatchObject({ members: ['a', 'b'], mode: 'active-backup' })
  })

  test('a NIC that cannot take part is left out, and that is said', () => {
    const plan = planBond([boot, { ...second, usable: false }])
    expect(plan).toMatchObject({ members: ['a'], notes: [expect.stringContaining('eno2 (b)')] })
    expect(planBond([boot, { ...second, wired: false }])).toMatchObject({ members: ['a'], notes: [] })
  })

  test('802.3ad takes every wired NIC or none: the switch puts all their ports into the LAG', () => {
    expect(planBond([boot, second], '802.3ad')).toMatchObject({ members: ['a', 'b'], mode: '802.3ad' })
    expect(planBond([boot], '802.3ad')).toHaveProperty('impossible')
    const left = planBond([boot, second, { ...second, mac: 'c', usable: false }], '802.3ad')
    expect(left).toMatchObject({ impossible: expect.stringContaining('(c)') })
  })

  test('without a wired boot NIC there is none', () => {
    expect(planBond([second])).toEqual({ impossible: 'MAAS names no boot NIC' })
    expect(planBond([{ ...boot, wired: false }, second])).toHaveProperty('impossible')
  })
})

describe('VLANs and MACs', () => {
  const fence = { range: { from: 100, to: 200 }, pxeVlan: 10, quarantineVlan: 999 }

  test.each([
    [0, 'invalid-input'],
    [4095, 'invalid-input'],
    [10, 'vlan-fenced'],
    [999, 'vlan-fenced'],
    [99, 'vlan-fenced'],
    [201, 'vlan-fenced'],
  ])('VLAN %i is refused as %s', (vlan, code) => {
    expect(tenantVlanFault(vlan, fence)?.code).toBe(code)
  })

  test('VLANs inside the range are a tenant’s', () => {
    expect([100, 200].map((vlan) => tenantVlanFault(vlan, fence))).toEqual([null, null])
  })

  test("CloudStack's ways to write a VLAN", () => {
    expect(['vlan://1577', '900', 'vlan://untagged', null].map(parseBroadcastUri)).toEqual([
      1577,
      900,
      null,
      null,
    ])
  })

  test('MACs are compared in lower case with colons; our own are locally administered', () => {
    expect(normaliseMac('52-54-00-AA-BB-01')).toBe('52:54:00:aa:bb:01')
    expect(() => normaliseMac('52:54')).toThrow('is not a MAC address')
    expect(localMac(() => new Uint8Array([1, 2, 3, 4, 5]))).toBe('06:01:02:03:04:05')
  })
})

test('LLDP neighbours as MAAS keeps them; what cannot be read proves nothing', () => {
  const xml = `<lldp><interface name="eno1" via="LLDP"><chassis><name>tor1</name><mgmt-ip>10.0.0.2</mgmt-ip></chassis>
    <port><id type="ifname">TenGigabitEthernet 1/3</id><descr>x</descr></port></interface>
    <interface name="eno2"><chassis/></interface></lldp>`
  expect(lldpNeighbours(xml)).toEqual([
    {
      interface: 'eno1',
      chassis: 'tor1',
      description: null,
      port: 'TenGigabitEthernet 1/3',
      managementAddress: '10.0.0.2',
    },
  ])
  expect(lldpNeighbours('ok')).toEqual([])
})

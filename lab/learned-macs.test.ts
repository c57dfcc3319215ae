import { expect, test } from 'vitest'
import { learnedMacs } from './learned-macs.ts'
import { readNetplan } from './world/netplan.ts'
import { SystemNetwork } from './world/network.ts'
import type { Machine, PortMembership, SwitchFabric } from './world/types.ts'

const eno1 = {
  name: 'eno1',
  mac: 'd4:ae:52:00:00:01',
  cable: { switch: '127.77.20.1', port: '1/3' },
  linkUp: true,
}
const eno2 = {
  name: 'eno2',
  mac: 'd4:ae:52:00:00:02',
  cable: { switch: '127.77.20.2', port: '1/3' },
  linkUp: true,
}

function fabricWith(membership: PortMembership): SwitchFabric {
  return { membership: () => membership } as unknown as SwitchFabric
}

function machine(parts: Partial<Machine>): Machine {
  return { nics: [eno1, eno2], interfaces: () => [], running: () => ({ kind: 'off' }), ...parts } as Machine
}

const pxe: PortMembership = { enabled: true, untagged: 10, tagged: [] }

test('a bond and its VLANs are learned where the active member is cabled', () => {
  const lease = null
  const running = machine({
    running: () => ({ kind: 'system', hostname: 'a', image: 'ubuntu/jammy', bootCount: 1, phase: 'up' }),
    interfaces: () => [
      { name: 'bond0', mac: '02:01:00:65:00:01', vlan: 101, tagged: false, activeNic: 'eno2', lease },
      { name: 'bond0.102', mac: '02:01:00:66:00:01', vlan: 102, tagged: true, activeNic: 'eno2', lease },
      { name: 'bond0.103', mac: '02:01:00:67:00:01', vlan: null, tagged: true, activeNic: 'eno2', lease },
    ],
  })
  expect(learnedMacs([running], fabricWith(pxe), '127.77.20.1')).toEqual([])
  expect(learnedMacs([running], fabricWith(pxe), '127.77.20.2')).toEqual([
    { port: '1/3', mac: '02:01:00:65:00:01', vlan: 101 },
    { port: '1/3', mac: '02:01:00:66:00:01', vlan: 102 },
  ])
})

test("MAAS's environment speaks from the boot NIC, and is not heard on a port that is shut down", () => {
  const booted = machine({ running: () => ({ kind: 'ephemeral', purpose: 'commissioning' }) })
  expect(learnedMacs([booted], fabricWith(pxe), '127.77.20.1')).toEqual([
    { port: '1/3', mac: eno1.mac, vlan: 10 },
  ])
  expect(learnedMacs([booted], fabricWith({ ...pxe, enabled: false }), '127.77.20.1')).toEqual([])
})

test('a machine that is off is not learned', () => {
  expect(learnedMacs([machine({})], fabricWith(pxe), '127.77.20.1')).toEqual([])
})

test('a bond that balances by itself is learned at its other members too, with their own MACs', () => {
  const interfaces = readNetplan(
    {
      '/etc/netplan/50.yaml':
        'network: {ethernets: {eno1: {}, eno2: {}}, bonds: {bond0: {macaddress: "02:01:00:65:00:01", interfaces: [eno1, eno2], parameters: {mode: balance-alb}}}}',
    },
    [eno1, eno2],
  )
  const fabric = fabricWith({ enabled: true, untagged: 101, tagged: [] })
  const network = new SystemNetwork(interfaces, [eno1, eno2], fabric)
  const running = machine({ interfaces: () => network.live() })
  expect(learnedMacs([running], fabric, '127.77.20.1')).toMatchObject([
    { mac: '02:01:00:65:00:01', vlan: 101 },
  ])
  expect(learnedMacs([running], fabric, '127.77.20.2')).toMatchObject([{ mac: eno2.mac, vlan: 101 }])
})

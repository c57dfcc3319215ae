import { beforeEach, expect, test } from 'vitest'
import type { DhcpServer } from '../world/types.ts'
import { VirtualRouters } from './routers.ts'

let servers: Map<number, DhcpServer>
let routers: VirtualRouters
let now = 0

beforeEach(() => {
  servers = new Map()
  now = 1000
  routers = new VirtualRouters(servers, () => now)
  routers.addNetwork({ vlan: 101, cidr: '10.1.1.0/24', name: 'web' })
})

test('answers only the MACs that were reserved, each with its own address', () => {
  const nic = routers.reserve(101, {})
  const other = routers.reserve(101, { mac: '1E:00:AA:00:00:07' })
  expect(nic.mac).toMatch(/^02:/)
  expect(other.mac).toBe('1e:00:aa:00:00:07')
  expect(nic.ip).not.toBe(other.ip)
  expect(servers.get(101)?.offer(nic.mac)).toEqual({ ip: nic.ip })
  expect(servers.get(101)?.offer('1e:00:aa:00:00:07')).toEqual({ ip: other.ip })
  expect(servers.get(101)?.offer('52:54:00:00:00:01')).toBeNull()
  expect(servers.get(101)?.metadata?.('52:54:00:00:00:01')).toBeNull()
})

test('MACs and addresses are the same in every run, and differ between networks', () => {
  routers.addNetwork({ vlan: 102, cidr: '10.1.2.7/24', name: 'db' })
  const again = new VirtualRouters(new Map(), () => 0)
  again.addNetwork({ vlan: 101, cidr: '10.1.1.0/24', name: 'web' })
  const nic = routers.reserve(101, {})
  expect(again.reserve(101, {})).toEqual(nic)
  expect(routers.reserve(102, {})).toEqual({ mac: expect.not.stringMatching(nic.mac), ip: '10.1.2.2' })
  expect(routers.networks().map((network) => network.gateway)).toEqual(['10.1.1.1', '10.1.2.1'])
})

test('the metadata service gives user-data, keys and host name by MAC', () => {
  const { mac } = routers.reserve(101, {
    userData: '#cloud-config',
    sshKeys: ['ssh-ed25519 AAAA a'],
    hostname: 'web-1',
  })
  expect(servers.get(101)?.metadata?.(mac.toUpperCase())).toEqual({
    userData: '#cloud-config',
    sshKeys: ['ssh-ed25519 AAAA a'],
    hostname: 'web-1',
  })
})

test('reserving a MAC again keeps its address; a released one is not answered and its address not reused', () => {
  const { mac, ip } = routers.reserve(101, { hostname: 'a' })
  expect(routers.reserve(101, { mac, hostname: 'b' })).toEqual({ mac, ip })
  expect(servers.get(101)?.metadata?.(mac)?.hostname).toBe('b')
  routers.release(101, mac)
  expect(servers.get(101)?.offer(mac)).toBeNull()
  expect(routers.reserve(101, {}).ip).not.toBe(ip)
})

test('leases list what was answered, with the time', () => {
  const { mac, ip } = routers.reserve(101, { hostname: 'web-1' })
  expect(routers.leases()).toEqual([])
  now = 5000
  servers.get(101)?.offer(mac)
  expect(routers.leases()).toEqual([{ vlan: 101, network: 'web', mac, ip, hostname: 'web-1', at: 5000 }])
})

test('a network that goes takes its router along', () => {
  routers.removeNetwork(101)
  expect(servers.has(101)).toBe(false)
  expect(() => routers.reserve(101, {})).toThrow('no network has VLAN 101')
})

test.each([
  [{ vlan: 101, cidr: '10.9.0.0/24', name: 'twice' }, 'router-web'],
  [{ vlan: 4095, cidr: '10.9.0.0/24', name: 'high' }, '1-4094'],
  [{ vlan: 103, cidr: '10.9.0.300/24', name: 'odd' }, 'not an IPv4 network'],
  [{ vlan: 103, cidr: '10.9.0.0/31', name: 'small' }, 'not an IPv4 network'],
])('refuses the network %o', (network, message) => {
  expect(() => routers.addNetwork(network)).toThrow(message)
})

test('a full network refuses', () => {
  routers.addNetwork({ vlan: 104, cidr: '10.4.0.0/30', name: 'tiny' })
  expect(routers.reserve(104, {}).ip).toBe('10.4.0.2')
  expect(() => routers.reserve(104, {})).toThrow('no address left')
})

test('a snapshot restores networks, NICs and leases', () => {
  const { mac, ip } = routers.reserve(101, { hostname: 'web-1' })
  servers.get(101)?.offer(mac)
  const state: unknown = JSON.parse(JSON.stringify(routers.snapshot()))
  const fresh = new Map<number, DhcpServer>()
  const restored = new VirtualRouters(fresh, () => 0)
  restored.restore(state)
  expect(fresh.get(101)?.offer(mac)).toEqual({ ip })
  expect(restored.networks()).toEqual(routers.networks())
  expect(restored.reserve(101, {})).not.toEqual({ mac, ip })
})

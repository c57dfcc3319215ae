import { beforeEach, describe, expect, test } from 'vitest'
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

const get = (
  vlan: number,
  from: string,
  port: number,
  path: string,
  headers = {},
): string | null | undefined => servers.get(vlan)?.answer?.(from, { port, path, headers })
const metadata = (vlan: number, from: string, name: string) =>
  get(vlan, from, 80, `/latest/meta-data/${name}`)

test('answers only the MACs that were reserved, each with its own address', () => {
  const nic = routers.reserve(101, {})
  const other = routers.reserve(101, { mac: '1E:00:AA:00:00:07' })
  expect(nic.mac).toMatch(/^02:/)
  expect(other.mac).toBe('1e:00:aa:00:00:07')
  expect(nic.ip).not.toBe(other.ip)
  expect(servers.get(101)?.offer(nic.mac)).toEqual({ ip: nic.ip })
  expect(servers.get(101)?.offer('1e:00:aa:00:00:07')).toEqual({ ip: other.ip })
  expect(servers.get(101)?.offer('52:54:00:00:00:01')).toBeNull()
  expect(metadata(101, '10.1.1.200', 'instance-id')).toBeNull()
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

test('the metadata service gives user-data, keys and host name by the address that asks', () => {
  const { ip } = routers.reserve(101, {
    userData: '#cloud-config',
    sshKeys: ['ssh-ed25519 AAAA a', 'ssh-ed25519 BBBB b'],
    hostname: 'web-1',
    instanceId: 'u-1',
  })
  expect(get(101, ip, 80, '/latest/user-data')).toBe('#cloud-config')
  expect(metadata(101, ip, '')?.split('\n')).toEqual(expect.arrayContaining(['vm-id', 'public-keys']))
  const told = ['instance-id', 'local-hostname', 'local-ipv4', 'public-keys']
  expect(told.map((name) => metadata(101, ip, name))).toEqual([
    ...['u-1', 'web-1', ip, 'ssh-ed25519 AAAA a\nssh-ed25519 BBBB b'],
  ])
  expect(metadata(101, ip, 'constructor')).toBeNull()
  const { ip: bare } = routers.reserve(101, {})
  expect(get(101, bare, 80, '/latest/user-data')).toBeNull()
})

describe('the password server', () => {
  const say = (vlan: number, from: string, word: string) => get(vlan, from, 8080, '/', { domu_request: word })

  test('gives a password to its address until that says that it is saved', () => {
    const { ip } = routers.reserve(101, { password: 'first' })
    expect(say(101, ip, 'send_my_password')).toBe('first')
    expect(say(101, ip, 'send_my_password')).toBe('first')
    expect(say(101, ip, 'saved_password')).toBe('saved_password')
    expect(say(101, ip, 'send_my_password')).toBe('saved_password')
    expect(say(101, ip, 'give_me_all')).toBe('bad_request')
    expect(get(101, ip, 8080, '/')).toBe('bad_request')
    expect(get(101, ip, 22, '/')).toBeNull()
  })

  test('the same address in another VLAN, and another one in this, get nothing of it and cannot take it away', () => {
    routers.addNetwork({ vlan: 102, cidr: '10.1.1.0/24', name: 'other' })
    const { ip } = routers.reserve(101, { password: 'first' })
    const neighbour = routers.reserve(101, {})
    expect(routers.reserve(102, {}).ip).toBe(ip)
    expect(say(102, ip, 'send_my_password')).toBe('saved_password')
    expect(say(101, neighbour.ip, 'send_my_password')).toBe('saved_password')
    for (const [vlan, from] of [
      [102, ip],
      [101, neighbour.ip],
    ] as const)
      say(vlan, from, 'saved_password')
    expect(say(101, '10.1.1.99', 'send_my_password')).toBeNull()
    expect(say(101, ip, 'send_my_password')).toBe('first')
  })

  test('it is shown nowhere, and a lab that begins again still has it', () => {
    const { ip } = routers.reserve(101, { password: 'first' })
    expect(JSON.stringify(routers.networks())).not.toContain('first')
    const state: unknown = JSON.parse(JSON.stringify(routers.snapshot()))
    const fresh = new Map<number, DhcpServer>()
    new VirtualRouters(fresh, () => 0).restore(state)
    expect(
      fresh.get(101)?.answer?.(ip, { port: 8080, path: '/', headers: { domu_request: 'send_my_password' } }),
    ).toBe('first')
  })
})

test('reserving a MAC again keeps its address; a released one is not answered and its address not reused', () => {
  const { mac, ip } = routers.reserve(101, { hostname: 'a' })
  expect(routers.reserve(101, { mac, hostname: 'b' })).toEqual({ mac, ip })
  expect(metadata(101, ip, 'local-hostname')).toBe('b')
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

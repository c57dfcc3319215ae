import { expect, test } from 'vitest'
import { watcherOf } from './power-shard.ts'

const hosts = Array.from({ length: 9000 }, (_, index) => `host-${index}`)

function shares(replicas: string[]): Map<string, string[]> {
  const byReplica = new Map<string, string[]>(replicas.map((replica) => [replica, []]))
  for (const host of hosts) byReplica.get(watcherOf(host, replicas) ?? '')?.push(host)
  return byReplica
}

test('each host has one watcher, and the shares are even', () => {
  for (const share of shares(['a', 'b', 'c']).values()) {
    expect(share.length).toBeGreaterThan(2700)
    expect(share.length).toBeLessThan(3300)
  }
})

test('the order in which a replica sees the others does not matter', () => {
  for (const host of hosts.slice(0, 500))
    expect(watcherOf(host, ['c', 'a', 'b'])).toBe(watcherOf(host, ['a', 'b', 'c']))
})

test('of a replica that goes, only its own hosts change hands; to one that comes, nobody else gives any', () => {
  const three = shares(['a', 'b', 'c'])
  const two = shares(['a', 'b'])
  for (const replica of ['a', 'b']) {
    const kept = new Set(two.get(replica))
    expect(three.get(replica)?.filter((host) => !kept.has(host))).toEqual([])
  }
})

test('without a replica there is no watcher', () => {
  expect(watcherOf('host', [])).toBeNull()
})

import { expect, test } from 'vitest'
import type { LldpNeighbour } from './lldp.ts'
import { discoverRacks, type HeardNic } from './rack-discovery.ts'

const heard = (mac: string, neighbour: Partial<LldpNeighbour> | null): HeardNic => ({
  machine: 'm1',
  nic: 'eno1',
  mac,
  neighbour: neighbour && {
    interface: 'eno1',
    chassis: 'tor',
    description: null,
    port: '1/1',
    managementAddress: '10.0.0.2',
    ...neighbour,
  },
})
const known = { ip: '10.0.0.2:8008', address: '10.0.0.2', username: 'ferrule', type: 'Force10' }

test('one entry per switch, ports in their order; a known switch keeps its user and type', () => {
  const { racks, notes } = discoverRacks(
    [
      heard('a', { port: '1/10' }),
      heard('b', { port: '1/2' }),
      heard('c', { managementAddress: '10.0.0.10' }),
    ],
    [known],
  )
  expect(racks).toMatchObject([
    {
      name: 'tor',
      l2Switch: { ip: '10.0.0.2:8008', username: 'ferrule', type: 'Force10' },
      hosts: [
        { mac: 'b', port: '1/2' },
        { mac: 'a', port: '1/10' },
      ],
    },
    {
      l2Switch: {
        ip: '10.0.0.10',
        username: 'USER',
        password: { ref: 'env:TOR_10_0_0_10_PASSWORD' },
        type: 'TYPE',
      },
      hosts: [{ mac: 'c', port: '1/1' }],
    },
  ])
  expect(notes).toEqual(['switch 10.0.0.10: fill in its user and type'])
})

test('the type is what the switch says of itself', () => {
  const { racks } = discoverRacks([heard('a', { description: 'Dell Force10 OS' })], [])
  expect(racks[0]?.l2Switch.type).toBe('Force10')
})

test('what was not heard, and whose address is not told, is said and left out', () => {
  const { racks, notes } = discoverRacks([heard('a', null), heard('b', { managementAddress: null })], [])
  expect(racks).toEqual([])
  expect(notes).toEqual([
    'm1 eno1 (a): nothing was heard',
    'm1 eno1 (b): on port 1/1 of tor, which does not tell its address',
  ])
})

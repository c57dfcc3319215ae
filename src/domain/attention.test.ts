import { expect, test } from 'vitest'
import { type AttentionFacts, type AttentionOperation, attentionList } from './attention.ts'
import type { Attention, Host, HostSituation } from './host.ts'
import { neverRead } from './host.ts'

const now = Date.parse('2026-01-01T12:00:00Z')
const quiet: AttentionFacts = {
  hosts: [],
  switches: [],
  drifts: [],
  instances: [],
  live: [],
  failed: [],
  usualMs: new Map(),
  cloud: [],
  onlyInCloud: [],
  sides: new Map(),
  now,
}

const running: AttentionOperation = {
  id: 'o1',
  number: 7,
  kind: 'deploy',
  state: 'running',
  hostId: null,
  host: null,
  instanceId: null,
  instance: null,
  error: null,
  parked: null,
  createdAt: '2026-01-01T11:50:00Z',
  startedAt: '2026-01-01T11:50:00Z',
  endedAt: null,
}

const at = '2026-01-01T11:00:00Z'
const hostWith = (attention: Attention): HostSituation => ({
  // what else a host has says nothing here
  host: { id: 'h1', name: 'r1-h1', attention, question: null, power: neverRead } as Host,
  hold: { operationId: 'o1', kind: 'destroy' },
  tenancy: null,
  dirty: true,
})

test('nothing is told of what runs as it usually does, or of what has no history', () => {
  expect(attentionList(quiet)).toEqual([])
  expect(attentionList({ ...quiet, live: [running] })).toEqual([])
  expect(attentionList({ ...quiet, live: [running], usualMs: new Map([['deploy', 540_000]]) })).toEqual([])
})

test('late is what takes twice as long as nearly all before it', () => {
  const [item] = attentionList({ ...quiet, live: [running], usualMs: new Map([['deploy', 240_000]]) })
  expect(item).toMatchObject({ about: 'late', object: { name: '7' }, since: '2026-01-01T11:54:00.000Z' })
})

test('what is parked comes first, with the remedy of its error', () => {
  const parked = {
    title: 'Tenant VLANs off every port',
    attempts: 4,
    error: { message: 'switch s1 cannot be reached', remedy: 'Check its power.' },
    since: now,
  }
  const failed = { ...running, id: 'o2', number: 6, state: 'undone', endedAt: '2026-01-01T11:00:00Z' }
  const list = attentionList({
    ...quiet,
    live: [{ ...running, instance: 'web1', host: 'r1-h1', parked }],
    failed: [{ ...failed, host: 'r1-h2' }],
  })
  expect(list.map(({ about }) => about)).toEqual(['parked', 'failed'])
  expect(list[0]?.action).toBe('Check its power.')
  // a person knows the server, not the number
  expect(list.map(({ message }) => message)).toEqual([
    'deploy of web1 is parked at "Tenant VLANs off every port" after 4 attempts: switch s1 cannot be reached',
    'deploy of r1-h2 ended as undone',
  ])
})

test('what a host says of the step that its operation is parked at is told once, at the operation, in the words of the host', () => {
  const error = { message: 'the erase of r1-h1 is not proven: sda', remedy: 'Look at the disks.' }
  const parked = { title: 'Judge', attempts: 4, error, since: now }
  const attention = {
    ...{
      code: 'erase-unproven',
      message: `${error.message}, quarantined`,
      remedy: 'Replace sda.',
      since: at,
    },
  }
  const live = [{ ...running, kind: 'destroy', hostId: 'h1', host: 'r1-h1', parked }]
  expect(attentionList({ ...quiet, live, hosts: [hostWith(attention)] })).toMatchObject([
    {
      about: 'parked',
      message: `destroy of r1-h1 is parked at "Judge" after 4 attempts: ${attention.message}`,
      action: 'Replace sda.',
    },
  ])
  const other = { ...attention, code: 'cables', message: 'a cable lies' }
  const both = attentionList({ ...quiet, live, hosts: [hostWith(other)] })
  expect(both.map(({ about, message }) => [about, message])).toEqual([
    ['parked', expect.stringContaining(error.message)],
    ['attention', 'a cable lies'],
  ])
  // before it is parked the host alone tells of it
  const tried = live.map((operation) => ({ ...operation, parked: null }))
  expect(attentionList({ ...quiet, live: tried, hosts: [hostWith(attention)] })).toMatchObject([
    { about: 'attention', object: { kind: 'host' } },
  ])
})

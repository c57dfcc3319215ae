import { expect, test } from 'vitest'
import { type AttentionFacts, attentionList } from './attention.ts'
import { type SwitchReach, switchEvidence } from './switch-reach.ts'
import { whySwitch } from './why-switch.ts'

const now = Date.parse('2030-01-01T12:00:00Z')
const well: SwitchReach = { state: 'closed', failures: 0, nextTry: null, lastError: null }
const tor = (health: SwitchReach | null) => ({ id: '10.0.0.2', address: '10.0.0.2', rack: 'r1', health })
const once: SwitchReach = { ...well, failures: 1, lastError: 'connection refused' }
const open: SwitchReach = { ...once, state: 'open', failures: 8, nextTry: now + 5_000 }

test('a switch that answers, or was never spoken to, is no evidence', () => {
  expect(switchEvidence([tor(well), tor(null)])).toEqual([])
  expect(whySwitch(tor(well), now)).toMatchObject({ well: true, blocks: null, action: null })
  expect(whySwitch(tor(null), now)).toMatchObject({
    well: true,
    summary: expect.stringContaining('not been spoken to'),
  })
})

test('one that does not answer says since how many calls, until when, and what it said last', () => {
  expect(switchEvidence([tor(once), tor(open)])).toEqual([
    'switch 10.0.0.2 has not answered 1 times in a row: connection refused',
    'switch 10.0.0.2 has not answered 8 times in a row, and is asked only now and then: connection refused; tried again at 2030-01-01T12:00:05.000Z',
  ])
  expect(whySwitch(tor(open), now)).toMatchObject({
    well: false,
    blocks: 'no answer 8 times in a row: connection refused',
    nextRetry: '2030-01-01T12:00:05.000Z',
  })
  // its rest is over, and nobody has asked it since
  expect(whySwitch(tor(open), now + 60_000)).toMatchObject({ nextRetry: '2030-01-01T12:01:00.000Z' })
})

test('only one that is left alone asks for a person', () => {
  const facts: AttentionFacts = {
    hosts: [],
    switches: [tor(once), tor(well), tor(null)],
    instances: [],
    drifts: [],
    cloud: [],
    onlyInCloud: [],
    sides: new Map(),
    live: [],
    failed: [],
    usualMs: new Map(),
    now,
  }
  expect(attentionList(facts)).toEqual([])
  expect(attentionList({ ...facts, switches: [tor(open)] })).toMatchObject([
    {
      about: 'switch',
      object: { kind: 'switch', name: '10.0.0.2' },
      message: expect.stringMatching(/connection refused$/),
    },
  ])
})

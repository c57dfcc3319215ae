import { describe, expect, test } from 'vitest'
import type { InstanceState } from './instance.ts'
import type { PowerFacts } from './power-policy.ts'
import { gaveUp, mayEnforce, mismatch, wantedPower } from './power-policy.ts'

const pool: PowerFacts = { host: 'r1-h3', instance: null, inPool: true, readOnly: false }
const carrying = (state: InstanceState): PowerFacts => ({ ...pool, instance: { name: 'web1', state } })

describe('what is wanted', () => {
  test('a running instance: on; a stopped one, and a host without any: off', () => {
    expect(wantedPower(carrying('running'))).toBe('on')
    expect(wantedPower(carrying('stopped'))).toBe('off')
    expect(wantedPower(pool)).toBe('off')
  })

  test.each(['deploying', 'stopping', 'undoing', 'failed', 'destroying', 'parked', 'destroyed'] as const)(
    'nothing while the instance is %s',
    (state) => {
      expect(wantedPower(carrying(state))).toBeNull()
      expect(mismatch(carrying(state), 'on')).toBeNull()
      expect(mismatch(carrying(state), 'off')).toBeNull()
    },
  )

  test('nothing of a host that is only looked at, or not enlisted to its end', () => {
    expect(wantedPower({ ...carrying('running'), readOnly: true })).toBeNull()
    expect(wantedPower({ ...pool, inPool: false })).toBeNull()
  })
})

describe('what is seen', () => {
  test('as wanted, or unknown: no mismatch, whatever is wanted', () => {
    expect(mismatch(carrying('running'), 'on')).toBeNull()
    expect(mismatch(carrying('stopped'), 'off')).toBeNull()
    expect(mismatch(pool, 'off')).toBeNull()
    for (const facts of [pool, carrying('running'), carrying('stopped')])
      expect(mismatch(facts, 'unknown')).toBeNull()
  })

  test.each([
    [carrying('running'), 'off', 'start', 'power-lost', 'r1-h3 is off, although web1 should run'],
    [carrying('stopped'), 'on', 'stop', 'stray-power', 'r1-h3 is on, although web1 is stopped'],
    [pool, 'on', 'erase', 'stray-power', 'r1-h3 is on, although it carries no instance'],
  ] as const)('otherwise it says so, and what puts it right', (facts, seen, remedy, code, message) => {
    expect(mismatch(facts, seen)).toMatchObject({
      remedy,
      attention: { code, message: expect.stringContaining(message) },
    })
  })
})

describe('enforcing', () => {
  const rules = { patienceMs: 30, gapMs: 600, limit: 3, everywhere: 5 }
  const never = { count: 0, sinceLast: null, everywhere: 0 }

  test('goes at the second look, never at the first', () => {
    expect(mayEnforce(29, never, rules)).toBe('wait')
    expect(mayEnforce(60, never, rules)).toBe('go')
  })

  test('leaves time between two', () => {
    expect(mayEnforce(60, { ...never, count: 1, sinceLast: 599 }, rules)).toBe('wait')
    expect(mayEnforce(60, { ...never, count: 1, sinceLast: 600 }, rules)).toBe('go')
  })

  test('does not start a whole rack at once', () => {
    expect(mayEnforce(60, { ...never, everywhere: 5 }, rules)).toBe('wait')
  })

  test('gives up after some, however long ago the last one was, and says so', () => {
    expect(mayEnforce(60, { count: 3, sinceLast: 1e9, everywhere: 0 }, rules)).toBe('give-up')
    const found = mismatch(carrying('running'), 'off')
    if (found === null) throw new Error('no mismatch')
    expect(gaveUp(found, 'r1-h3', 3)).toMatchObject({
      code: 'power-lost',
      message: expect.stringContaining('put right 3 times'),
    })
  })
})

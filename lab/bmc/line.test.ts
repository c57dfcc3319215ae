import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createChance } from '../world/chance.ts'
import type { BmcDials } from './dials.ts'
import { defaultDials } from './dials.ts'
import { FaultyLine } from './line.ts'

let dials: BmcDials
let sent: string[]
let line: FaultyLine<string>

beforeEach(() => {
  vi.useFakeTimers()
  dials = defaultDials()
  sent = []
  line = new FaultyLine((bytes, to) => sent.push(`${bytes} to ${to}`), dials, createChance(1))
})
afterEach(() => {
  line.stop()
  vi.useRealTimers()
})

function deliver(...texts: string[]): void {
  for (const text of texts) line.deliver({ bytes: Buffer.from(text), request: null }, 'c')
}

test('without faults all arrives as it is', () => {
  deliver('a', 'b')
  expect(sent).toEqual(['a to c', 'b to c'])
  expect(line.arrives()).toBe(true)
})

test('loss takes its share, in both directions; an unreachable BMC hears and says nothing', () => {
  dials.loss = 0.3
  const arrived = Array.from({ length: 1_000 }, () => line.arrives()).filter(Boolean).length
  expect(arrived).toBeGreaterThan(650)
  expect(arrived).toBeLessThan(750)
  deliver(...Array.from({ length: 1_000 }, () => 'x'))
  expect(sent.length).toBeGreaterThan(650)
  expect(sent.length).toBeLessThan(750)
  dials.unreachable = true
  sent.length = 0
  deliver('x')
  expect([line.arrives(), sent]).toEqual([false, []])
})

test('duplicates come twice, delayed ones later, dropped ones not at all', () => {
  dials.duplicate = 1
  deliver('a')
  expect(sent.splice(0)).toEqual(['a to c', 'a to c'])
  dials.duplicate = 0
  dials.delayMs = 50
  deliver('b')
  expect(sent).toEqual([])
  vi.advanceTimersByTime(50)
  expect(sent.splice(0)).toEqual(['b to c'])
  dials.delayMs = 0
  dials.dropNextReplies = 1
  deliver('c', 'd')
  expect(sent).toEqual(['d to c'])
})

test('an overtaken reply comes after the next one, or alone after a while', () => {
  dials.reorder = 1
  deliver('a', 'b')
  expect(sent.splice(0)).toEqual(['b to c', 'a to c'])
  deliver('c')
  expect(sent).toEqual([])
  vi.advanceTimersByTime(100)
  expect(sent).toEqual(['c to c'])
})

test('only packets of a session have a check value to spoil', () => {
  dials.wrongIcv = 1
  const plain = Buffer.from('0600ff07000000000000000000', 'hex')
  const signed = Buffer.from('0600ff0706c0000000000000000000000007aa', 'hex')
  const seen: string[] = []
  const own = new FaultyLine((bytes) => seen.push(bytes.toString('hex')), dials, createChance(1))
  for (const bytes of [plain, signed, signed]) own.deliver({ bytes, request: null }, 'c')
  expect(seen).toEqual([
    plain.toString('hex'),
    '0600ff0706c000000000000000000000000755',
    signed.toString('hex'),
  ])
})

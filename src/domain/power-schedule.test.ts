import fc from 'fast-check'
import { expect, test } from 'vitest'
import { DueQueue, nextLook, phaseOf } from './power-schedule.ts'

const minute = 60_000
const hosts = Array.from({ length: 10_000 }, (_, index) => `0b9e7c1e-0000-4000-8000-${index}`)

test('in each second of a minute about as many hosts have their turn', () => {
  const perSecond = Array.from({ length: 60 }, () => 0)
  for (const host of hosts) {
    const second = Math.floor(phaseOf(host, minute) / 1000)
    perSecond[second] = (perSecond[second] ?? 0) + 1
  }
  expect(Math.min(...perSecond)).toBeGreaterThan(110)
  expect(Math.max(...perSecond)).toBeLessThan(230)
})

test('a turn comes once in every interval, however late the last one was', () => {
  const start = 1_790_000_000_000
  fc.assert(
    fc.property(fc.nat(minute - 1), fc.nat(10 * minute), (phase, late) => {
      const next = nextLook(phase, minute, start + late)
      expect(next).toBeGreaterThan(start + late)
      expect(next - (start + late)).toBeLessThanOrEqual(minute)
      expect(Math.abs((next % minute) - phase)).toBeLessThan(1)
      expect(nextLook(phase, minute, next)).toBe(next + minute)
    }),
  )
})

test('the queue gives what is due, earliest first, each id once and at its newest time', () => {
  const step = fc.record({
    id: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'),
    at: fc.nat(50),
    gone: fc.boolean(),
  })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), fc.nat(50), (steps, now) => {
      const queue = new DueQueue()
      const wanted = new Map<string, number>()
      for (const { id, at, gone } of steps) {
        queue.set(id, at)
        wanted.set(id, at)
        if (gone) {
          queue.delete(id)
          wanted.delete(id)
        }
      }
      expect(queue.size).toBe(wanted.size)
      const taken: string[] = []
      for (let id = queue.take(now); id !== undefined; id = queue.take(now)) taken.push(id)
      const due = [...wanted].filter(([, at]) => at <= now)
      expect(taken.map((id) => wanted.get(id))).toEqual(due.map(([, at]) => at).sort((a, b) => a - b))
      expect([...taken].sort()).toEqual(due.map(([id]) => id).sort())
    }),
  )
})

import { expect, test } from 'vitest'
import { type JournalledStep, recordSteps } from './step-record.ts'

const at = (second: number) => new Date(Date.UTC(2026, 0, 1, 12, 0, second)).toISOString()
const step = (from: number, to: number | null, more: Partial<JournalledStep> = {}): JournalledStep => ({
  direction: 'do',
  startedAt: at(from),
  endedAt: to === null ? null : at(to),
  output: null,
  ...more,
})

test('a step is given what those before it handed on, not what it hands on itself', () => {
  const found = recordSteps(
    [
      step(0, 1, { output: { hostId: 'h', host: 'r1-h1' } }),
      step(1, 2, { output: { systemId: 'abc' } }),
      step(2, null),
    ],
    [],
  )
  expect(found.map(({ input }) => input)).toEqual([
    {},
    { hostId: 'h', host: 'r1-h1' },
    { hostId: 'h', host: 'r1-h1', systemId: 'abc' },
  ])
  expect(found.map(({ tookMs }) => tookMs)).toEqual([1000, 1000, null])
})

test('an undo hands nothing on', () => {
  const found = recordSteps(
    [
      step(0, 1, { output: { bond: 'bond0' } }),
      step(1, 2, { direction: 'undo', output: { bond: 'gone' } }),
      step(2, 3, { direction: 'undo' }),
    ],
    [],
  )
  expect(found[2]?.input).toEqual({ bond: 'bond0' })
})

test('what was noted belongs to the step that was at work then; before the first one to none', () => {
  const note = (second: number) => ({ at: at(second), message: `at ${second}` })
  const found = recordSteps([step(10, 20), step(20, null)], [note(5), note(10), note(19), note(20), note(50)])
  expect(found.map(({ evidence }) => evidence.map(({ message }) => message))).toEqual([
    ['at 10', 'at 19'],
    ['at 20', 'at 50'],
  ])
})

import { expect, test } from 'vitest'
import { exitCodeOf, type WatchedOperation } from './watch.ts'

const ended = (state: WatchedOperation['state']) => ({
  operation: { state } as WatchedOperation,
  end: 'ended' as const,
})

test('the exit status tells how it ended', () => {
  expect(exitCodeOf(ended('succeeded'), ['succeeded'])).toBe(0)
  expect(exitCodeOf(ended('undone'), ['succeeded'])).toBe(1)
  expect(exitCodeOf(ended('cancelled'), ['succeeded'])).toBe(1)
  expect(exitCodeOf(ended('cancelled'), ['cancelled', 'undone'])).toBe(0)
  expect(exitCodeOf({ ...ended('running'), end: 'timeout' }, ['succeeded'])).toBe(4)
  expect(exitCodeOf({ ...ended('running'), end: 'interrupted' }, ['succeeded'])).toBe(4)
  expect(exitCodeOf({ ...ended('parked'), end: 'parked' }, ['succeeded'])).toBe(5)
})

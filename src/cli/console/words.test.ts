import { expect, test } from 'vitest'
import type { ConsoleState } from './stream.ts'
import { describe } from './words.ts'

const state = (line: ConsoleState['line'], more: Partial<ConsoleState> = {}): ConsoleState => ({
  ...{ line, viewers: 1, writer: null, writing: false, mayWrite: true },
  ...more,
})
const open = { state: 'open' }

test.each([
  [state(open), 'connected; nobody types yet'],
  [state(open, { writer: 'me', writing: true }), 'connected; you type'],
  [state(open, { writer: 'ann', viewers: 3 }), 'connected; ann types (~t: type here); 2 more watch'],
  [state(open, { mayWrite: false }), 'connected; you only watch'],
  [state(open, { mayWrite: false, writer: 'ann' }), 'connected; ann types, you only watch'],
  [state({ ...open, reason: 'It is off.' }, { writing: true }), 'connected; you type. It is off.'],
  [
    state({ state: 'retrying', reason: 'silence' }),
    'no connection to the machine: silence. It is tried again by itself.',
  ],
  [
    state({ state: 'taken', reason: 'Another session has it.' }),
    'another tool has this console: Another session has it. ~t takes it over.',
  ],
  [state({ state: 'taken', reason: 'gone' }, { mayWrite: false }), 'another tool has this console: gone.'],
  [
    state({ state: 'failed', reason: 'wrong password', remedy: 'Correct it.' }),
    'no console: wrong password. Correct it. ~t tries again.',
  ],
])('%j', (told, words) => {
  expect(describe(told)).toBe(words)
})

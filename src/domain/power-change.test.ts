import { expect, test } from 'vitest'
import { powerChange } from './power-change.ts'

const silent = {
  code: 'bmc-unreachable' as const,
  message: 'BMC 10.0.0.1 did not answer',
  remedy: '',
  full: false,
}

test.each([
  ['on', 'on', 'on', null],
  ['off', 'off', 'off', null],
  ['unknown', null, 'unknown', null],
  // the first look ever
  ['unknown', null, 'on', null],
  ['on', 'on', 'off', 'r1-h3 was switched off, not by Ferrule'],
  ['off', 'off', 'on', 'r1-h3 was switched on, not by Ferrule'],
  [
    'on',
    'on',
    'unknown',
    'the power of r1-h3 is not known any more; it was on when last seen: BMC 10.0.0.1 did not answer',
  ],
  ['unknown', 'on', 'on', 'the BMC of r1-h3 answers again: it is on, as before'],
  ['unknown', 'on', 'off', 'r1-h3 was switched off, not by Ferrule, while its BMC did not answer'],
] as const)('%s (last seen %s), now %s', (state, known, now, message) => {
  const change = powerChange('r1-h3', { state, known }, now, now === 'unknown' ? silent : null)
  expect(change?.message ?? null).toBe(message)
})

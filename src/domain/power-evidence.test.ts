import { expect, test } from 'vitest'
import type { PowerReading } from './host.ts'
import { powerEvidence } from './power-evidence.ts'

const never: PowerReading = { state: 'unknown', at: null, since: null, lastKnown: null, failure: null }
const silent = {
  code: 'bmc-unreachable',
  message: 'BMC x did not answer: silence.',
  remedy: 'Look.',
  nextLook: null,
}

test.each([
  [never, ['BMC: power never read']],
  [
    { ...never, state: 'on', at: '10:02', since: '09:00' } as const,
    ['BMC: power on at 10:02, on since 09:00'],
  ],
  [{ ...never, state: 'off', at: '10:02', since: '10:02' } as const, ['BMC: power off at 10:02']],
  [
    { ...never, state: 'on', at: '10:02', since: '09:00', failure: { ...silent, looks: 1 } } as const,
    ['BMC: power on at 10:02, on since 09:00', 'BMC: the newest look failed: BMC x did not answer: silence.'],
  ],
  [
    {
      state: 'unknown',
      at: '10:05',
      since: '10:03',
      lastKnown: { state: 'on', at: '10:02' },
      failure: { ...silent, looks: 3 },
    } as const,
    [
      'BMC: power unknown at 10:05, unknown since 10:03, last seen on at 10:02',
      'BMC: 3 looks in a row failed: BMC x did not answer: silence.',
    ],
  ],
])('%j', (power, evidence) => {
  expect(powerEvidence(power)).toEqual(evidence)
})

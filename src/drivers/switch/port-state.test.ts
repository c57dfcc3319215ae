import { describe, expect, test } from 'vitest'
import { portsToChange } from './diff.ts'
import { carried, describePort, isParked, normalPort, samePort } from './port-state.ts'
import { fence, pxe, quarantine, tenant } from './test-support/fake-switch.ts'

test('the mode follows from the tagged VLANs', () => {
  expect(normalPort({ ...tenant(100), mode: 'trunk' })).toEqual(tenant(100))
  expect(normalPort({ ...tenant(100), tagged: [300, 200, 300] })).toEqual(tenant(100, 200, 300))
})

describe('sameness', () => {
  test.each([tenant(101, 200), tenant(100, 201), tenant(100), { ...tenant(100, 200), enabled: false }])(
    '%j is another state',
    (other) => {
      expect(samePort(tenant(100, 200), other)).toBe(false)
    },
  )

  test('what a port is prepared for does not matter', () => {
    expect(samePort({ ...pxe, prepared: false }, pxe)).toBe(true)
  })
})

test('a port that is shut down carries nothing', () => {
  expect(carried(tenant(100, 200))).toEqual(new Set([100, 200]))
  expect(carried({ ...tenant(100, 200), enabled: false })).toEqual(new Set())
  expect(carried({ ...tenant(100, 200), untagged: null })).toEqual(new Set([200]))
})

test('parked is alone in a VLAN of ours', () => {
  expect([pxe, quarantine, tenant(100), tenant(10, 100)].map((state) => isParked(state, fence))).toEqual([
    true,
    true,
    false,
    false,
  ])
})

test('in words', () => {
  expect(describePort(tenant(100, 200, 201))).toBe('untagged 100, tagged 200 201, up')
  expect(describePort(tenant(100, 205, 200, 201, 202))).toBe('untagged 100, tagged 200-202 205, up')
  expect(describePort({ ...pxe, untagged: null, enabled: false })).toBe('no untagged VLAN, shut down')
})

test('a port is written when it differs, is unknown, or rests unprepared', () => {
  const current = new Map([
    ['same', tenant(100)],
    ['other', tenant(101)],
    ['resting', { ...pxe, prepared: false }],
    ['running', { ...tenant(100), prepared: false }],
  ])
  const wanted = new Map([
    ['same', tenant(100)],
    ['other', tenant(100)],
    ['resting', pxe],
    ['running', tenant(100)],
    ['unknown', pxe],
  ])
  expect(portsToChange(current, wanted, fence)).toEqual(['other', 'resting', 'unknown'])
})

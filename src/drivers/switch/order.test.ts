import { expect, test } from 'vitest'
import { vlanSteps, vlanStepsFromEmpty } from './order.ts'
import { pxe, tenant } from './test-support/fake-switch.ts'

test('only what differs moves', () => {
  expect(vlanSteps(tenant(100, 200, 201), tenant(100, 201, 202))).toEqual({
    removeTagged: [200],
    removeUntagged: null,
    addUntagged: null,
    addTagged: [202],
  })
})

test('a VLAN that changes from tagged to untagged leaves before it comes', () => {
  expect(vlanSteps(tenant(100, 200), tenant(200, 100))).toEqual({
    removeTagged: [200],
    removeUntagged: 100,
    addUntagged: 200,
    addTagged: [100],
  })
})

test('order and repetition of tagged VLANs do not matter', () => {
  const steps = vlanSteps(
    { ...tenant(100, 1), tagged: [202, 201] },
    { ...tenant(100, 1), tagged: [201, 202, 201] },
  )
  expect([steps.removeTagged, steps.addTagged]).toEqual([[], []])
})

test('a port that must be emptied loses and regains what it keeps', () => {
  expect(vlanStepsFromEmpty(pxe, pxe)).toEqual({
    removeTagged: [],
    removeUntagged: 10,
    addUntagged: 10,
    addTagged: [],
  })
})

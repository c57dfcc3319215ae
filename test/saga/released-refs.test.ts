import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { sagas } from '../../src/workflows/catalogue.ts'
import { drives } from '../support/drives.ts'

const file = new URL('./released-refs.json', import.meta.url)
const released = JSON.parse(readFileSync(file, 'utf8')) as Record<string, string[]>
const now = new Map(sagas.map((saga) => [saga.ref, saga.steps.map((step) => step.name)]))

test.for(Object.entries(released))('the steps of %s are as they were released', ([ref, steps]) => {
  expect(
    now.get(ref),
    `${ref} was released with other steps: running operations would not find the steps that they began with. ` +
      `Leave ${ref} as it was, make a new ref beside it in src/workflows/catalogue.ts, and add that to test/saga/released-refs.json.`,
  ).toEqual(steps)
})

test('every saga of the catalogue is released and has its generic tests', () => {
  expect([...now.keys()].sort(), 'add the new ref to test/saga/released-refs.json').toEqual(
    Object.keys(released).sort(),
  )
  expect(Object.keys(drives).sort(), 'say in test/support/drives.ts how the new saga is called').toEqual(
    [...now.keys()].sort(),
  )
})

test('refs and the names of a table are unique', () => {
  expect(new Set(sagas.map((saga) => saga.ref)).size).toBe(sagas.length)
  for (const [ref, steps] of now) expect(new Set(steps).size, ref).toBe(steps.length)
})

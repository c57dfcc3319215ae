import { expect, test } from 'vitest'
import { z } from 'zod'
import { schemaWords } from './schema-words.ts'

const schema = z.strictObject({
  vlan: z.int().min(1).max(4094),
  name: z.string().min(1).max(3),
  kind: z.enum(['isolated', 'shared']),
  macs: z.array(z.string()).min(2),
  on: z.boolean(),
  id: z.uuid(),
  half: z.number().multipleOf(2).lt(10),
  version: z.literal(1),
  code: z.string().regex(/^[a-z]+$/),
  own: z.string().refine((text) => text === 'x', 'must be x, as this schema says itself'),
})
const right = {
  vlan: 7,
  name: 'abc',
  kind: 'shared',
  macs: ['a', 'b'],
  on: true,
  id: '2b0a4f0e-6d4f-4d5e-8a54-1f0c6f6f7a11',
  half: 4,
  version: 1,
  code: 'x',
  own: 'x',
}

function said(change: Record<string, unknown>): string[] {
  const parsed = schema.safeParse({ ...right, ...change }, { error: schemaWords })
  return parsed.success ? [] : parsed.error.issues.map(({ path, message }) => `${path.join('.')} ${message}`)
}

test.each([
  [{}, []],
  [{ vlan: 4095 }, ['vlan must be at most 4094']],
  [{ vlan: 0 }, ['vlan must be at least 1']],
  [{ vlan: 1.5 }, ['vlan must be a whole number']],
  [{ vlan: 'seven' }, ['vlan must be a number']],
  [{ vlan: undefined }, ['vlan is missing']],
  [{ name: '' }, ['name must not be empty']],
  [{ name: 'abcd' }, ['name must have at most 3 characters']],
  [{ kind: 'l2' }, ['kind must be one of "isolated", "shared"']],
  [{ kind: undefined }, ['kind is missing']],
  [{ macs: ['a'] }, ['macs must have at least 2 entries']],
  [{ macs: 7 }, ['macs must be a list']],
  [{ on: 'yes' }, ['on must be true or false']],
  [{ half: 3 }, ['half must be a multiple of 2']],
  [{ half: 10 }, ['half must be less than 10']],
  [{ version: 2 }, ['version must be 1']],
  [{ id: 'seven' }, ['id must be a valid uuid']],
  [{ code: '7' }, ['code must match /^[a-z]+$/']],
  [{ own: 'y' }, ['own must be x, as this schema says itself']],
  [{ colour: 'red' }, [' has no "colour"']],
])('%j: %j', (change, words) => {
  expect(said(change)).toEqual(words)
})

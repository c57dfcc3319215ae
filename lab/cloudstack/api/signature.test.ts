import { expect, test } from 'vitest'
import { isSigned } from './signature.ts'

/** The example of CloudStack's API guide, with its keys. */
const keys = {
  apiKey: 'plgWJfZK4gyS3mOMTVmjUVg-X-jlWlnfaUJ9GAbBbf9EdM-kAYMmAiLqzzq1ElZLYq_u38zCm0bewzGUdP66mg',
  secretKey: 'VDaACYb0LV9eNjTetIOElcVQkvJck_J_QljX_FcHRj87ZKiy0z0ty0ZsYBkoXkY9b7eq1EhwJaw7FF3akA3KBQ',
}
const example = {
  command: 'listUsers',
  response: 'json',
  apiKey: keys.apiKey,
  signature: 'TTpdDq/7j/J58XCRHomKoQXEQds=',
}
const now = Date.parse('2026-01-30T10:00:00Z')
const ask = (params: Record<string, string>) => isSigned(new Map(Object.entries(params)), keys, now)

test("the guide's example is signed, in any case of its parameters' names", () => {
  expect(ask(example)).toBe(true)
  const { apiKey: apikey, ...rest } = example
  expect(ask({ ...rest, apikey })).toBe(true)
})

test('another value, another key, no signature: refused', () => {
  expect(ask({ ...example, command: 'listZones' })).toBe(false)
  expect(ask({ ...example, apiKey: 'another' })).toBe(false)
  expect(ask({ ...example, signature: '' })).toBe(false)
  expect(ask({ command: 'listUsers', apiKey: keys.apiKey })).toBe(false)
})

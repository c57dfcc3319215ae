import { expect, test } from 'vitest'
import { asOverTcp } from './lost-server.ts'

const failure = (code: string) => Object.assign(new Error('of the socket'), { code })

test.each([
  ['ENOENT', 'ECONNREFUSED'],
  ['EPIPE', 'ECONNRESET'],
  ['ECONNRESET', 'ECONNRESET'],
  ['28P01', '28P01'],
])('%s is %s', (code, seen) => {
  const error = failure(code)
  expect(asOverTcp(error)).toBe(error)
  expect(error.code).toBe(seen)
})

test('what is no error of the system passes as it came', () => {
  for (const thing of [undefined, 'words', new Error('without a code')]) expect(asOverTcp(thing)).toBe(thing)
})

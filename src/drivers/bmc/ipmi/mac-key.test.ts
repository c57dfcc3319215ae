import { createHmac } from 'node:crypto'
import { expect, test } from 'vitest'
import { MacKey } from './mac-key.ts'
import { suiteOf } from './testing/replayed-login.ts'

test("RFC 4231's and RFC 2202's second test case", () => {
  const message = Buffer.from('what do ya want for nothing?')
  expect(new MacKey(suiteOf(17), Buffer.from('Jefe')).sign(message).toString('hex')).toBe(
    '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
  )
  expect(new MacKey(suiteOf(3), Buffer.from('Jefe')).sign(message).toString('hex')).toBe(
    'effcdf6ae5eb2fa2d27416d5f184df9c259a7c79',
  )
})

test.each([3, 17])("suite %i: the same as node's HMAC for every length of key and message", (id) => {
  const suite = suiteOf(id)
  const bytes = Buffer.from(Array.from({ length: 300 }, (_, index) => index * 31))
  for (let length = 0; length <= 64; length += 1) {
    const key = bytes.subarray(0, length)
    const parts = [bytes.subarray(length), Buffer.alloc(0), bytes.subarray(0, length * 2)]
    const expected = createHmac(suite.hash, key).update(Buffer.concat(parts)).digest()
    expect(new MacKey(suite, key).sign(...parts)).toEqual(expected)
  }
})

test('two keys in turn do not disturb each other', () => {
  const [first, second] = ['a', 'a longer key'].map((key) => new MacKey(suiteOf(17), Buffer.from(key)))
  const message = Buffer.from('message')
  const alone = first?.sign(message)
  second?.sign(Buffer.alloc(500, 0xff))
  expect(first?.sign(message)).toEqual(alone)
})

test('a key that HMAC would hash first is no key of IPMI', () => {
  expect(() => new MacKey(suiteOf(17), Buffer.alloc(65))).toThrow(RangeError)
})

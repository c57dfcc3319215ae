import { expect, test } from 'vitest'
import { hashToken, newToken } from './tokens.ts'

test('a token is recognisable, never the same twice, and found again by its hash only', () => {
  const [one, two] = [newToken(), newToken()]
  expect(one.token).toMatch(/^frl_[\w-]{43}$/)
  expect(one.token).not.toBe(two.token)
  expect(hashToken(one.token)).toBe(one.hash)
  expect(one.hash).toMatch(/^[0-9a-f]{64}$/)
})

test('the hash is SHA-256', () => {
  // FIPS 180-2, appendix B.1
  expect(hashToken('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
})

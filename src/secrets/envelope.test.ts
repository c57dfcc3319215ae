import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { open, seal, sealedBy } from './envelope.ts'
import { masterKey } from './master-key.ts'

const key = masterKey(randomBytes(32))
const place = { purpose: 'bmc-password', id: 'host-1' }

describe('an envelope', () => {
  test('gives back what was sealed, whatever it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (secret) => {
        expect(open(seal(secret, place, key), place, key)).toBe(secret)
      }),
    )
  })

  test('does not hold the secret, and never looks the same twice', () => {
    const [one, two] = [seal('hunter2', place, key), seal('hunter2', place, key)]
    expect(one).not.toBe(two)
    for (const part of one.split('.')) expect(Buffer.from(part, 'base64url').includes('hunter2')).toBe(false)
  })

  test('opens only for its own record and purpose', () => {
    const envelope = seal('hunter2', place, key)
    expect(() => open(envelope, { ...place, id: 'host-2' }, key)).toThrow(/copied from another record/)
    expect(() => open(envelope, { ...place, purpose: 'switch-password' }, key)).toThrow(/changed, or copied/)
    expect(() => open(envelope, { purpose: 'bmc', id: 'password-host-1' }, key)).toThrow()
  })

  test('does not open when one bit changed, anywhere', () => {
    const [version, id, wrapped = '', sealed = ''] = seal('hunter2', place, key).split('.')
    const flip = (text: string, at: number): string => {
      const bytes = Buffer.from(text, 'base64url')
      bytes[at] = (bytes[at] ?? 0) ^ 1
      return bytes.toString('base64url')
    }
    for (let at = 0; at < Buffer.from(wrapped, 'base64url').length; at++) {
      expect(() => open([version, id, flip(wrapped, at), sealed].join('.'), place, key)).toThrow(
        /was changed/,
      )
    }
    for (let at = 0; at < Buffer.from(sealed, 'base64url').length; at++) {
      expect(() => open([version, id, wrapped, flip(sealed, at)].join('.'), place, key)).toThrow(
        /was changed/,
      )
    }
  })

  test('of a former master key opens as long as that key is given', () => {
    const envelope = seal('hunter2', place, key)
    const newer = masterKey(randomBytes(32))
    expect(sealedBy(envelope)).toBe(key.id)
    expect(open(envelope, place, [newer, key])).toBe('hunter2')
    expect(() => open(envelope, place, newer)).toThrow(/another master key/)
  })

  test('that is cut short is told from a wrong one', () => {
    for (const text of ['', 'f1', 'f1.x.y', 'f9.a.b.c'])
      expect(() => open(text, place, key)).toThrow(/damaged/)
    expect(() => open(`f1.${key.id}..`, place, key)).toThrow(/was changed/)
  })
})

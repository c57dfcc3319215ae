import { createPrivateKey, X509Certificate } from 'node:crypto'
import { expect, test } from 'vitest'
import { selfSigned } from './certificate.ts'

const NOW = Date.UTC(2026, 10, 23)

test('a certificate that signs itself, for an address, with its own key', () => {
  const identity = selfSigned('127.40.2.17', NOW)
  const read = new X509Certificate(identity.certificate)
  expect(read.verify(read.publicKey)).toBe(true)
  expect(read.checkPrivateKey(createPrivateKey(identity.key))).toBe(true)
  expect(read.checkIP('127.40.2.17')).toBe('127.40.2.17')
  expect(read.checkIP('127.40.2.18')).toBeUndefined()
  expect([read.subject, read.issuer, read.ca]).toEqual(['CN=127.40.2.17', 'CN=127.40.2.17', false])
  expect(read.fingerprint256).toBe(identity.fingerprint)
  expect(new Date(read.validFrom).getTime()).toBeLessThan(NOW)
  expect(new Date(read.validTo).getUTCFullYear()).toBe(2036)
})

test('every one is another', () => {
  const many = Array.from({ length: 20 }, () => selfSigned('127.0.0.1', NOW))
  expect(new Set(many.map(({ fingerprint }) => fingerprint)).size).toBe(20)
  for (const { certificate } of many) expect(() => new X509Certificate(certificate)).not.toThrow()
})

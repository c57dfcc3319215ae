import { expect, test } from 'vitest'
import { authority, switchKeys } from '../test-support/tls-keys.ts'
import type { SwitchEndpoint } from '../types.ts'
import { httpTarget, targetFaults } from './target.ts'

const family = { httpsPort: 443, httpPort: 80 }
const tlsOnly = { httpsPort: 8765, httpPort: null }
const pin = 'AB:'.repeat(31).concat('AB')
const endpoint = (address: string, more: Partial<SwitchEndpoint> = {}): SwitchEndpoint => ({
  address,
  username: 'u',
  password: 's3cret',
  ...more,
})

test.each([
  ['10.0.0.4', 'https://10.0.0.4:443'],
  ['10.0.0.4:8443', 'https://10.0.0.4:8443'],
  ['https://tor1.example/', 'https://tor1.example:443'],
  ['fe80::1', 'https://[fe80::1]:443'],
  ['[fe80::1]:8443', 'https://[fe80::1]:8443'],
])('%s is %s', (address, origin) => {
  expect(httpTarget(endpoint(address, { fingerprint: pin }), family)).toMatchObject({
    origin,
    clear: false,
    pin: 'ab'.repeat(32),
  })
})

test('clear text is asked for twice: in the address and by insecure', () => {
  expect(httpTarget(endpoint('http://10.0.0.4', { insecure: true }), family)).toMatchObject({
    origin: 'http://10.0.0.4:80',
    clear: true,
  })
  expect(targetFaults(endpoint('http://10.0.0.4'), family)).toEqual([expect.stringMatching(/insecure/)])
  expect(targetFaults(endpoint('http://10.0.0.4', { insecure: true }), tlsOnly)).toEqual([
    expect.stringMatching(/no HTTP without TLS/),
  ])
  expect(targetFaults(endpoint('http://10.0.0.4', { insecure: true, fingerprint: pin }), family)).toEqual([
    expect.stringMatching(/shows no certificate/),
  ])
})

test.each([
  ['nothing to know it by', {}, /fingerprint or ca/],
  [
    'the fingerprint of an SSH key',
    { fingerprint: `SHA256:${'A'.repeat(43)}` },
    /not the SHA-256 of a certificate/,
  ],
  ['a damaged authority', { ca: authority.replace('M', '!') }, /not a certificate in PEM/],
])('%s is refused before anything is sent', (_name, more, said) => {
  expect(targetFaults(endpoint('10.0.0.4', more), family)).toEqual([expect.stringMatching(said)])
  expect(() => httpTarget(endpoint('10.0.0.4', more), family)).toThrow(said)
})

test.each(['', 'tor1/command-api', 'user@tor1', 'ftp://tor1', 'tor1:0', 'tor1:x', 'tor 1'])(
  '%j is no address',
  (address) => {
    expect(targetFaults(endpoint(address, { insecure: true }), family)[0]).toMatch(/no address/)
  },
)

test('an authority, a pin, or a person who accepts anybody', () => {
  for (const more of [
    { ca: authority },
    { ca: switchKeys.certificate },
    { fingerprint: pin },
    { insecure: true },
  ])
    expect(targetFaults(endpoint('10.0.0.4', more), family)).toEqual([])
})

import { expect, test } from 'vitest'
import { clientKeys, switchKeys } from '../test-support/tls-keys.ts'
import { ovsdbTarget } from './endpoint.ts'

const target = (password: string, address = '10.0.0.4') =>
  ovsdbTarget({ address, username: 'none', password })

test.each([
  ['10.0.0.4', '10.0.0.4', 6640],
  ['10.0.0.4:6641', '10.0.0.4', 6641],
  ['tor1.example', 'tor1.example', 6640],
  ['fe80::1', 'fe80::1', 6640],
  ['[fe80::1]:6641', 'fe80::1', 6641],
])('%s', (address, host, port) => {
  expect(target('none', address)).toMatchObject({ host, port, tls: null })
})

test('in PEM, our certificate is the one of the key, wherever it stands; the others are trusted', () => {
  const expected = {
    key: clientKeys.key.trim(),
    certificate: clientKeys.certificate.trim(),
    trusted: [switchKeys.certificate.trim()],
  }
  const { key, certificate } = clientKeys
  expect(target(key + certificate + switchKeys.certificate).tls).toEqual(expected)
  expect(target(`# tor1\n${switchKeys.certificate}${certificate}\n${key}`).tls).toEqual(expected)
})

test.each([
  ['another word', 'secret'],
  ['no key', clientKeys.certificate + switchKeys.certificate],
  ['nobody to trust', clientKeys.key + clientKeys.certificate],
  ['a certificate of another key', clientKeys.key + switchKeys.certificate],
  ['a damaged key', clientKeys.key.replace('M', '!') + clientKeys.certificate + switchKeys.certificate],
])('%s is refused, never a connection in the clear, and never shown', (_name, password) => {
  let error: unknown
  try {
    target(password)
  } catch (caught) {
    error = caught
  }
  expect(error).toMatchObject({ code: 'invalid-input', details: { address: '10.0.0.4' } })
  expect(String(error)).not.toContain('secret')
  expect(JSON.stringify(error)).not.toContain('BEGIN')
})

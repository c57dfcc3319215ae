import { expect, test } from 'vitest'
import { readCredentials, sameCredentials } from './credentials.ts'

const endpoint = { address: '10.0.0.1', username: 'admin', password: 'secret' }

test('takes names of 16 bytes, passwords and K_g of 20', () => {
  const longest = { ...endpoint, username: 'u'.repeat(16), password: 'p'.repeat(20), kg: 'ab'.repeat(20) }
  const credentials = readCredentials(longest)
  expect(credentials.username).toHaveLength(16)
  expect(credentials.password).toHaveLength(20)
  expect(credentials.kg).toHaveLength(20)
})

test.each([
  ['username', { ...endpoint, username: 'u'.repeat(17) }],
  ['password', { ...endpoint, password: 'p'.repeat(21) }],
  ['password', { ...endpoint, password: 'ü'.repeat(11) }],
  ['kg', { ...endpoint, kg: 'ab'.repeat(21) }],
  ['kg', { ...endpoint, kg: 'abc' }],
  ['kg', { ...endpoint, kg: 'not hexadecimal!' }],
])('refuses a %s that IPMI cannot take, without showing it', (field, bad) => {
  const error = (() => {
    try {
      return readCredentials(bad)
    } catch (cause) {
      return cause
    }
  })()
  expect(error).toMatchObject({ code: 'invalid-input', details: { field } })
  expect(JSON.stringify(error) + String(error)).not.toContain('kg' in bad ? bad.kg : bad.password)
})

test.each([undefined, '', '00'.repeat(20)])('K_g %s is none', (kg) => {
  expect(readCredentials(kg === undefined ? endpoint : { ...endpoint, kg }).kg).toBeUndefined()
})

test('K_g may be written with 0x', () => {
  expect(readCredentials({ ...endpoint, kg: '0x0aFF' }).kg).toEqual(Buffer.from([0x0a, 0xff]))
})

test('each part tells credentials apart', () => {
  const base = readCredentials(endpoint)
  expect(sameCredentials(base, readCredentials({ ...endpoint }))).toBe(true)
  for (const other of [{ username: 'x' }, { password: 'x' }, { kg: '01' }]) {
    expect(sameCredentials(base, readCredentials({ ...endpoint, ...other }))).toBe(false)
  }
})

import { expect, test } from 'vitest'
import { decodeGuid } from './guid.ts'

const uuid = '6f1c2a3b-5d7e-4fab-9092-b7c04f4b4732'

test.each([
  ['as SMBIOS stores it', '3b2a1c6f7e5dab4f9092b7c04f4b4732'],
  ['back to front, as IPMI has it', '32474b4fc0b79290ab4f7e5d3b2a1c6f'],
  ['as it is written', '6f1c2a3b5d7e4fab9092b7c04f4b4732'],
])('%s', (_, hex) => {
  expect(decodeGuid(Buffer.from(hex, 'hex'))).toBe(uuid)
})

test('one that is no UUID in any order is read as SMBIOS stores it', () => {
  expect(decodeGuid(Buffer.from('00112233445566778899aabbccddeeff', 'hex'))).toBe(
    '33221100-5544-7766-8899-aabbccddeeff',
  )
})

test.each(['00'.repeat(16), 'ff'.repeat(16), '44454c4c'])('%s says nothing', (hex) => {
  expect(decodeGuid(Buffer.from(hex, 'hex'))).toBeUndefined()
})

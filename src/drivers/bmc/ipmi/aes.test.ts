import { createCipheriv } from 'node:crypto'
import { expect, test } from 'vitest'
import { PayloadCipher } from './aes.ts'

const key = Buffer.from('000102030405060708090a0b0c0d0e0f', 'hex')

function seal(cipher: PayloadCipher, payload: Buffer, iv: Buffer): Buffer {
  const sealed = Buffer.alloc(PayloadCipher.sealedBytes(payload.length))
  cipher.seal(payload, iv, sealed, 0)
  return sealed
}

test("one cipher seals packet after packet as node's CBC does each from its vector", () => {
  const cipher = new PayloadCipher(key)
  for (let length = 0; length < 70; length += 1) {
    const payload = Buffer.from(Array.from({ length }, (_, index) => index * 7 + length))
    const iv = Buffer.alloc(16, length + 1)
    const pad = (16 - ((length + 1) % 16)) % 16
    const padding = Buffer.from([...Array.from({ length: pad }, (_, index) => index + 1), pad])
    const reference = createCipheriv('aes-128-cbc', key, iv).setAutoPadding(false)
    const expected = Buffer.concat([iv, reference.update(Buffer.concat([payload, padding]))])
    expect(seal(cipher, payload, iv)).toEqual(expected)
  }
})

test('it opens them in any order, whatever came before', () => {
  const cipher = new PayloadCipher(key)
  const payloads = [40, 3, 16, 0, 15].map((length) => Buffer.alloc(length, length))
  const sealed = payloads.map((payload, index) => seal(cipher, payload, Buffer.alloc(16, index * 9 + 1)))
  for (const index of [4, 0, 0, 3, 1, 2]) {
    expect(cipher.open(sealed[index] ?? Buffer.alloc(0))).toEqual(payloads[index])
    expect(cipher.open(Buffer.alloc(20))).toBeUndefined()
    expect(cipher.open(Buffer.alloc(16))).toBeUndefined()
  }
})

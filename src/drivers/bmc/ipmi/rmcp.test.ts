import { describe, expect, test } from 'vitest'
import { recordedLogins } from './fixtures/recorded-logins.ts'
import { decodeReply, encodeRequest } from './message.ts'
import { sessionKeys } from './rakp.ts'
import {
  decodeInSession,
  decodePreSession,
  decodeSessionless,
  encodeInSession,
  encodePreSession,
  encodeSessionless,
} from './rmcp.ts'
import { replay } from './testing/replayed-login.ts'

const setPrivilege = { name: 'Set Session Privilege Level', netFn: 6, number: 0x3b, data: Buffer.from([3]) }

describe.each(recordedLogins)('$name', (recorded) => {
  const { handshake } = replay(recorded)
  const keys = sessionKeys(handshake)
  const reply = Buffer.from(recorded.command.reply, 'hex')

  test('the sealed request is the packet that the BMC accepted', () => {
    const iv = Buffer.from(recorded.command.request, 'hex').subarray(16, 32)
    const packet = encodeInSession(keys, handshake.bmcId, 1, encodeRequest(setPrivilege, 1), iv)
    expect(packet.toString('hex')).toBe(recorded.command.request)
  })

  test("the BMC's reply opens with the keys of the login", () => {
    const received = decodeInSession(keys, handshake.consoleId, reply)
    expect(received).toMatchObject({ sequence: 1, type: 0 })
    expect(decodeReply(received?.payload ?? Buffer.alloc(0), setPrivilege, 1)).toEqual({
      completionCode: 0,
      data: Buffer.from([3]),
    })
  })

  test('no bit of it may change on the way', () => {
    for (let bit = 4 * 8; bit < reply.length * 8; bit += 1) {
      const changed = Buffer.from(reply)
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      expect(decodeInSession(keys, handshake.consoleId, changed), `bit ${bit}`).toBeUndefined()
    }
  })

  test('no end of it may be missing', () => {
    for (let length = 0; length < reply.length; length += 1) {
      expect(
        decodeInSession(keys, handshake.consoleId, reply.subarray(0, length)),
        `${length}`,
      ).toBeUndefined()
    }
  })

  test('it is of no other session', () => {
    expect(decodeInSession(keys, handshake.bmcId, reply)).toBeUndefined()
  })

  test.each(Array.from({ length: 40 }, (_, length) => length))(
    '%i bytes come out as they went in',
    (length) => {
      const payload = Buffer.from(Array.from({ length }, (_, index) => index * 7))
      const packet = encodeInSession(keys, 77, 5, payload, Buffer.alloc(16, 9))
      expect((packet.length - 16 - keys.suite.icvBytes + 12) % 4).toBe(0)
      expect(decodeInSession(keys, 77, packet)).toEqual({ sequence: 5, type: 0, payload })
    },
  )
})

test('a packet outside a session says its type and length', () => {
  const packet = encodePreSession(0x12, Buffer.from([1, 2, 3]))
  expect(packet.toString('hex')).toBe('0600ff07061200000000000000000300010203')
  expect(decodePreSession(packet, 0x12)).toEqual(Buffer.from([1, 2, 3]))
  expect(decodePreSession(packet, 0x13)).toBeUndefined()
  expect(decodePreSession(packet.subarray(0, -1), 0x12)).toBeUndefined()
})

test('the sessionless probe is the packet that ipmitool sends', () => {
  const probe = encodeRequest({ name: '', netFn: 6, number: 0x38, data: Buffer.from([0x8e, 4]) }, 0)
  expect(encodeSessionless(probe).toString('hex')).toBe('0600ff07000000000000000000092018c88100388e04b5')
  expect(decodeSessionless(encodeSessionless(probe))).toEqual(probe)
  expect(decodeSessionless(encodeSessionless(probe).subarray(0, -1))).toBeUndefined()
})

import { describe, expect, test } from 'vitest'
import { recordedLogins, recordedSuiteRefusal } from './fixtures/recorded-logins.ts'
import {
  decodeOpenSession,
  decodeRakp2,
  encodeOpenSession,
  encodeRakp1,
  encodeRakp3,
  rakp2AuthCode,
  rakp4Icv,
} from './rakp.ts'
import { encodePreSession, payloadType } from './rmcp.ts'
import { payloadOf, replay, suiteOf } from './testing/replayed-login.ts'

describe.each(recordedLogins)('$name', (recorded) => {
  const { handshake, rakp2, rakp4 } = replay(recorded)

  test("the BMC's key exchange code is the one that we compute", () => {
    expect(rakp2AuthCode(handshake)).toEqual(rakp2.authCode)
  })

  test("the BMC's integrity check value is the one that we compute", () => {
    expect(rakp4Icv(handshake)).toEqual(rakp4.icv)
  })

  test('what we send is what the BMC accepted', () => {
    const { suite, privilege, consoleId } = handshake
    const open = encodePreSession(
      payloadType.openSessionRequest,
      encodeOpenSession(1, suite, privilege, consoleId),
    )
    expect(open.toString('hex')).toBe(recorded.open.request)
    const rakp1 = encodePreSession(payloadType.rakp1, encodeRakp1(1, handshake))
    expect(rakp1.toString('hex')).toBe(recorded.rakp1.request)
    const rakp3 = encodePreSession(payloadType.rakp3, encodeRakp3(1, 0, handshake))
    expect(rakp3.toString('hex')).toBe(recorded.rakp3.request)
  })

  test('one other bit in any hashed part gives another code', () => {
    const flip = (bytes: Buffer) => Buffer.from(bytes.map((byte, index) => (index === 0 ? byte ^ 1 : byte)))
    for (const changed of [
      { ...handshake, consoleId: handshake.consoleId ^ 1 },
      { ...handshake, bmcId: handshake.bmcId ^ 1 },
      { ...handshake, consoleRandom: flip(handshake.consoleRandom) },
      { ...handshake, bmcRandom: flip(handshake.bmcRandom) },
      { ...handshake, bmcGuid: flip(handshake.bmcGuid) },
    ]) {
      const unsigned = { ...changed, consoleId: changed.consoleId >>> 0, bmcId: changed.bmcId >>> 0 }
      expect(rakp2AuthCode(unsigned)).not.toEqual(rakp2.authCode)
    }
  })

  test('an answer to another transmission, or to another console, is not ours', () => {
    const payload = payloadOf(recorded.rakp1.reply, payloadType.rakp2)
    expect(decodeRakp2(payload, 2, handshake)).toBeUndefined()
    expect(decodeRakp2(payload, 1, { ...handshake, consoleId: 7 })).toBeUndefined()
    expect(decodeRakp2(payload.subarray(0, payload.length - 1), 1, handshake)).toBeUndefined()
  })

  test('an answer that agrees on another suite counts as no matching suite', () => {
    const payload = payloadOf(recorded.open.reply, payloadType.openSessionResponse)
    const other = suiteOf(recorded.suite === 17 ? 3 : 17)
    expect(decodeOpenSession(payload, new Set([1]), other, handshake.consoleId)).toEqual({ status: 0x11 })
  })
})

test('a refusal that is cut short after its status is understood', () => {
  const payload = payloadOf(recordedSuiteRefusal, payloadType.openSessionResponse)
  expect(decodeOpenSession(payload, new Set([1]), suiteOf(17), 1)).toEqual({ status: 0x04 })
})

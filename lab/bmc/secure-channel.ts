import { encodeRmcpPlus, type RmcpPlusPacket } from './packet.ts'
import type { ActivePhase, Session } from './sessions.ts'
import { checkValue, decrypt, encrypt, sameBytes } from './suites.ts'

/** What an active session's packet says; null: forged, altered, replayed, or not protected as the session demands. */
export function openPacket(active: ActivePhase, packet: RmcpPlusPacket): Buffer | null {
  if (!packet.authenticated || !packet.encrypted) return null
  const { suite, k1 } = active.keys
  if (!sameBytes(packet.icv, checkValue(suite, k1, packet.covered))) return null
  if (!active.inbound.accept(packet.sequence)) return null
  return decrypt(active.keys, packet.payload)
}

/** A packet of the session to its console, with the next sequence number. `iv` must be 16 fresh random bytes. */
export function sealPacket(
  session: Session,
  active: ActivePhase,
  iv: Buffer,
  message: { payloadType: number; payload: Buffer },
): Buffer {
  const { keys } = active
  active.outbound += 1
  return encodeRmcpPlus(
    {
      payloadType: message.payloadType,
      encrypted: true,
      sessionId: session.consoleId,
      sequence: active.outbound,
      payload: encrypt(keys, iv, message.payload),
    },
    (covered) => checkValue(keys.suite, keys.k1, covered),
  )
}

/** A handshake message or an answer outside of a session. */
export function encodeSessionless(payloadType: number, payload: Buffer): Buffer {
  return encodeRmcpPlus({ payloadType, encrypted: false, sessionId: 0, sequence: 0, payload })
}

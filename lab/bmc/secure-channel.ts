import { encodeRmcpPlus, type RmcpPlusPacket } from './packet.ts'
import type { ActivePhase, Session } from './sessions.ts'
import { checkValue, decrypt, encrypt, sameBytes } from './suites.ts'

/** What an active session's packet says; null: forged, altered or replayed. */
export function openPacket(active: ActivePhase, packet: RmcpPlusPacket): Buffer | null {
  if (!packet.authenticated) return null
  const { suite, k1 } = active.keys
  if (!sameBytes(packet.icv, checkValue(suite, k1, packet.covered))) return null
  if (!active.inbound.accept(packet.sequence)) return null
  return packet.encrypted ? decrypt(active.keys, packet.payload) : packet.payload
}

/** A packet of the session to its console, with the next sequence number. `iv` must be 16 fresh random bytes. */
export function sealPacket(
  session: Session,
  active: ActivePhase,
  iv: Buffer,
  message: { payloadType: number; payload: Buffer; encrypted?: boolean },
): Buffer {
  const { keys } = active
  const { encrypted = true, payloadType, payload } = message
  active.outbound += 1
  return encodeRmcpPlus(
    {
      payloadType,
      encrypted,
      sessionId: session.consoleId,
      sequence: active.outbound,
      payload: encrypted ? encrypt(keys, iv, payload) : payload,
    },
    (covered) => checkValue(keys.suite, keys.k1, covered),
  )
}

/** A handshake message or an answer outside of a session. */
export function encodeSessionless(payloadType: number, payload: Buffer): Buffer {
  return encodeRmcpPlus({ payloadType, encrypted: false, sessionId: 0, sequence: 0, payload })
}

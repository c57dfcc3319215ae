import { timingSafeEqual } from 'node:crypto'
import type { Credentials } from './credentials.ts'
import type { IpmiSettings } from './options.ts'
import {
  decodeOpenSession,
  decodeRakp2,
  decodeRakp4,
  encodeOpenSession,
  encodeRakp1,
  encodeRakp3,
  type Handshake,
  type Privilege,
  rakp2AuthCode,
  rakp4Icv,
  sessionIntegrityKey,
  sessionKeys,
  type Tags,
} from './rakp.ts'
import { decodePreSession, encodePreSession, payloadType } from './rmcp.ts'
import { Session } from './session.ts'
import type { CipherSuite } from './suites.ts'
import type { Transport } from './transport.ts'

export interface Proposal {
  suite: CipherSuite
  privilege: Privilege
  credentials: Credentials
}

export type HandshakeOutcome =
  | { kind: 'session'; session: Session }
  /** `repeated`: a packet was sent twice, so the BMC may have answered the wrong one of the two. */
  | { kind: 'refused'; status: number; repeated: boolean }
  | { kind: 'wrong-password' }
  | { kind: 'wrong-kg' }
  | { kind: 'silent'; at: 'Open Session' | 'RAKP 1' | 'RAKP 3' }

/** Until RAKP 2 has come. */
const notSaidYet = Buffer.alloc(16)

/** Status "invalid integrity check value" (IPMI 2.0 §13.24 table 13-15). */
const invalidIcv = 0x0f

/**
 * Open Session and RAKP 1 to 4 with one cipher suite and one privilege level. A login that fails is ended towards the
 * BMC as far as it can be, so that no half-open session keeps a slot.
 */
export async function shakeHands(
  transport: Transport,
  proposal: Proposal,
  settings: IpmiSettings,
): Promise<HandshakeOutcome> {
  const consoleId = settings.random(4).readUInt32LE() || 1
  const opening = new Transmissions(settings.random(1).readUInt8())
  const opened = await ask(
    transport,
    settings,
    payloadType.openSessionRequest,
    () => encodeOpenSession(opening.next(), proposal.suite, proposal.privilege, consoleId),
    payloadType.openSessionResponse,
    (payload) => decodeOpenSession(payload, opening, proposal.suite, consoleId),
  )
  if (opened === undefined) return { kind: 'silent', at: 'Open Session' }
  if (!('bmcId' in opened)) return { kind: 'refused', status: opened.status, repeated: false }

  const handshake: Handshake = {
    ...proposal,
    consoleId,
    bmcId: opened.bmcId,
    consoleRandom: settings.random(16),
    bmcRandom: notSaidYet,
    bmcGuid: notSaidYet,
  }
  const first = new Transmissions(opening.latest)
  const rakp2 = await ask(
    transport,
    settings,
    payloadType.rakp1,
    () => encodeRakp1(first.next(), handshake),
    payloadType.rakp2,
    // Each RAKP 1 makes the BMC draw a new random number, so only the answer to the latest one is of use.
    (payload) => decodeRakp2(payload, first.latest, handshake),
  )
  if (rakp2 === undefined) {
    abort(transport, handshake)
    return { kind: 'silent', at: 'RAKP 1' }
  }
  if (!('authCode' in rakp2))
    return { kind: 'refused', status: rakp2.status, repeated: opening.repeated || first.repeated }
  handshake.bmcRandom = rakp2.bmcRandom
  handshake.bmcGuid = rakp2.bmcGuid
  if (!timingSafeEqual(rakp2AuthCode(handshake), rakp2.authCode)) {
    abort(transport, handshake)
    return { kind: 'wrong-password' }
  }

  const second = new Transmissions(first.latest)
  const rakp4 = await ask(
    transport,
    settings,
    payloadType.rakp3,
    () => encodeRakp3(second.next(), 0, handshake),
    payloadType.rakp4,
    (payload) => decodeRakp4(payload, second, handshake),
  )
  const sik = sessionIntegrityKey(handshake)
  // Of the handshake only the ids live on, as long as the session does.
  const ids = { consoleId, bmcId: handshake.bmcId }
  const session = new Session(transport, sessionKeys(handshake, sik), ids, settings)
  // The BMC may have opened the session although its RAKP 4 never came.
  if (rakp4 === undefined) {
    session.abandon()
    return { kind: 'silent', at: 'RAKP 3' }
  }
  if (!('icv' in rakp4)) {
    session.abandon()
    return {
      kind: 'refused',
      status: rakp4.status,
      repeated: opening.repeated || first.repeated || second.repeated,
    }
  }
  if (!timingSafeEqual(rakp4Icv(handshake, sik), rakp4.icv)) return { kind: 'wrong-kg' }
  return { kind: 'session', session }
}

/** Tells the BMC to forget the half-open session (§13.22: RAKP 3 with a status). */
function abort(transport: Transport, handshake: Handshake): void {
  transport.send(encodePreSession(payloadType.rakp3, encodeRakp3(0, invalidIcv, handshake)))
}

function ask<T>(
  transport: Transport,
  settings: IpmiSettings,
  requestType: number,
  request: () => Buffer,
  replyType: number,
  accept: (payload: Buffer) => T | undefined,
): Promise<T | undefined> {
  return transport.exchange({
    packet: () => encodePreSession(requestType, request()),
    accept: (packet) => {
      const payload = decodePreSession(packet, replyType)
      return payload && accept(payload)
    },
    budgetMs: settings.requestTimeoutMs,
    retransmitMs: settings.retransmitMs,
  })
}

/**
 * Message tags: one for each transmission, so that an answer names the one it answers (§13.17 table 13-9). They go on
 * from question to question, and a login begins at a random one, so that a late answer to an earlier question is none.
 */
class Transmissions implements Tags {
  readonly #before: number
  #count = 0

  constructor(before: number) {
    this.#before = before
  }

  next(): number {
    this.#count += 1
    return this.latest
  }

  get latest(): number {
    return (this.#before + this.#count) & 0xff
  }

  has(tag: number): boolean {
    const transmission = (tag - this.#before) & 0xff
    return transmission >= 1 && transmission <= this.#count
  }

  get repeated(): boolean {
    return this.#count > 1
  }
}

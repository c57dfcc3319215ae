import { executeFleetCommand, type FleetMachine } from './fleet-commands.ts'
import { type HandshakeContext, handshake } from './handshake.ts'
import { decodeRequest, encodeResponse } from './message.ts'
import { decodePacket, encodePlain, encodePong, PAYLOAD, type RmcpPlusPacket } from './packet.ts'
import { encodeSessionless, openPacket, sealPacket } from './secure-channel.ts'
import { type Session, type SessionLimits, SessionTable } from './sessions.ts'

/** What all BMCs of a fleet have in common. */
export interface FleetIdentity extends Omit<HandshakeContext, 'sessions' | 'guid'> {
  limits: SessionLimits
  /** Milliseconds of a steady clock. */
  now: () => number
}

/** The smallest BMC that a controller can poll and switch: a few words of memory until somebody logs in. */
export class FleetBmc implements FleetMachine {
  on = false
  bootFlags: Buffer | null = null
  private readonly index: number
  private readonly identity: FleetIdentity
  private sessions: SessionTable | null = null

  constructor(index: number, identity: FleetIdentity) {
    this.index = index
    this.identity = identity
  }

  get openSessions(): number {
    return this.sessions?.size ?? 0
  }

  handle(datagram: Buffer, from: string): Buffer | null {
    const packet = decodePacket(datagram)
    if (packet === null) return null
    if (packet.kind === 'asf-ping') return encodePong(packet.tag)
    if (packet.kind === 'plain') return packet.sessionId === 0 ? this.answerPlain(packet.payload) : null
    if (packet.sessionId !== 0) return this.inSession(packet)
    if (packet.encrypted || packet.authenticated) return null
    if (packet.payloadType === PAYLOAD.ipmi) {
      const answer = this.answer(packet.payload, null)
      return answer === null ? null : encodeSessionless(PAYLOAD.ipmi, answer)
    }
    const context = { ...this.identity, sessions: this.table(), guid: this.guid() }
    const reply = handshake(context, packet.payloadType, packet.payload, from)
    return reply === null ? null : encodeSessionless(reply.payloadType, reply.payload)
  }

  /** Lets go of memory that nobody uses any more. */
  tidy(): void {
    if (this.sessions?.size === 0) this.sessions = null
  }

  private answerPlain(payload: Buffer): Buffer | null {
    const answer = this.answer(payload, null)
    return answer === null ? null : encodePlain(answer)
  }

  private inSession(packet: RmcpPlusPacket): Buffer | null {
    const session = this.sessions?.find(packet.sessionId)
    if (session?.phase.kind !== 'active' || packet.payloadType !== PAYLOAD.ipmi) return null
    const active = session.phase
    const plain = openPacket(active, packet)
    const payload = plain === null ? null : this.answer(plain, session)
    if (payload === null) return null
    return sealPacket(session, active, this.identity.random(16), { payloadType: PAYLOAD.ipmi, payload })
  }

  private answer(payload: Buffer, session: Session | null): Buffer | null {
    const request = decodeRequest(payload)
    if (request === null) return null
    const sessions = this.table()
    if (session !== null) sessions.touch(session)
    const { dials } = this.identity
    const context = { machine: this, dials, session, sessions, guid: this.guid(), hasBmcKey: false }
    const { completion, data } = executeFleetCommand(context, request)
    return encodeResponse(request, completion, data)
  }

  private table(): SessionTable {
    const { limits, now, random } = this.identity
    this.sessions ??= new SessionTable(limits, now, random)
    return this.sessions
  }

  /** Tells the BMCs apart: the number is at the end of the UUID, which is the beginning on the wire. */
  private guid(): Buffer {
    const guid = Buffer.alloc(16, 0xf1)
    guid.writeUInt32LE(this.index, 0)
    return guid
  }
}

import type { Bmc } from '../bmc.ts'
import { COMPLETION, decodeResponse, encodeRequest, type Response } from '../message.ts'
import { decodePacket, encodeRmcpPlus, PAYLOAD } from '../packet.ts'
import {
  decodeAnswer,
  type Exchange,
  encodeOpenRequest,
  encodeRakp,
  encodeRakp1,
  exchangeKeys,
  type HandshakeAnswer,
  rakp3Code,
  STATUS,
} from '../rakp.ts'
import { decodeSol, encodeSol, type SolPacket } from '../sol-packet.ts'
import { checkValue, decrypt, encrypt, type SessionKeys, SUITES, type SuiteId } from '../suites.ts'

/** A console for tests, step by step and without sockets, that shows the packets which it makes. */
export class StubConsole {
  private readonly bmc: Bmc
  readonly from: string
  bmcId = 0
  keys: SessionKeys | null = null
  sequence = 0

  constructor(bmc: Bmc, from = '127.0.0.9:50000') {
    this.bmc = bmc
    this.from = from
  }

  /** The answer to a handshake message; null: silence. */
  step(payloadType: number, payload: Buffer): HandshakeAnswer | null {
    const reply = this.bmc.handle(handshakePacket(payloadType, payload), this.from)
    const packet = reply === null ? null : decodePacket(reply.bytes)
    return packet?.kind === 'rmcp+' ? decodeAnswer(packet.payload) : null
  }

  /** Sends every message `times` times, as after lost replies. Throws when the answers differ or refuse. */
  logIn(user: { username: string; password: string }, suiteId: SuiteId = 17, times = 1): void {
    const suite = SUITES[suiteId]
    const consoleId = 0xa0a2a3a4
    const same = (payloadType: number, payload: Buffer): HandshakeAnswer => {
      const answers = Array.from({ length: times }, () => this.step(payloadType, payload))
      const [first] = answers
      const differ = answers.some((answer) => JSON.stringify(answer) !== JSON.stringify(first))
      if (!first || first.status !== STATUS.ok || differ) throw new Error(`payload ${payloadType} failed`)
      return first
    }
    this.bmcId = same(PAYLOAD.openRequest, encodeOpenRequest(7, 4, consoleId, suite)).rest.readUInt32LE(0)
    const username = Buffer.from(user.username)
    const consoleRandom = Buffer.alloc(16, 0x5a)
    const rakp1 = encodeRakp1({ tag: 8, bmcId: this.bmcId, random: consoleRandom, role: 0x14, username })
    const { rest } = same(PAYLOAD.rakp1, rakp1)
    const exchange: Exchange = {
      suite,
      consoleId,
      bmcId: this.bmcId,
      consoleRandom,
      bmcRandom: rest.subarray(0, 16),
      bmcGuid: rest.subarray(16, 32),
      role: 0x14,
      username,
      password: Buffer.from(user.password),
      bmcKey: Buffer.alloc(0),
    }
    same(PAYLOAD.rakp3, encodeRakp(9, STATUS.ok, this.bmcId, rakp3Code(exchange)))
    this.keys = exchangeKeys(exchange)
    this.sequence = 0
  }

  /** A packet of the session around any payload. */
  seal(
    payload: Buffer,
    sequence: number = ++this.sequence,
    { payloadType = PAYLOAD.ipmi as number, encrypted = true } = {},
  ): Buffer {
    const keys = this.sessionKeys()
    return encodeRmcpPlus(
      {
        payloadType,
        encrypted,
        sessionId: this.bmcId,
        sequence,
        payload: encrypted ? encrypt(keys, Buffer.alloc(16, 0x33), payload) : payload,
      },
      (covered) => checkValue(keys.suite, keys.k1, covered),
    )
  }

  /** Null: silence. */
  command(netFn: number, command: number, data: number[] = [], sequence?: number): Response | null {
    const request = encodeRequest({ netFn, command, sequence: 1, data: Buffer.from(data) })
    const reply = this.bmc.handle(this.seal(request, sequence), this.from)
    const plain = reply === null ? null : this.open(reply.bytes, PAYLOAD.ipmi)
    return plain === null ? null : decodeResponse(plain)
  }

  /** The completion code; throws on silence. */
  completion(netFn: number, command: number, data: number[] = []): number {
    const response = this.command(netFn, command, data)
    if (response === null) throw new Error('no answer')
    return response.completion
  }

  /** The data of an answer; throws on silence and refusal. */
  data(netFn: number, command: number, data: number[] = []): Buffer {
    const response = this.command(netFn, command, data)
    if (response?.completion !== COMPLETION.ok)
      throw new Error(`command 0x${command.toString(16)} is refused: ${response?.completion}`)
    return response.data
  }

  administrator(): void {
    if (this.completion(0x06, 0x3b, [4]) !== COMPLETION.ok) throw new Error('privilege refused')
  }

  /** Sends a serial-over-LAN payload; the BMC's acknowledgement, or null. */
  sol(packet: Partial<SolPacket>, encrypted = true): SolPacket | null {
    const whole = {
      sequence: 0,
      acknowledged: 0,
      accepted: 0,
      flags: 0,
      characters: Buffer.alloc(0),
      ...packet,
    }
    const sealed = this.seal(encodeSol(whole), undefined, { payloadType: PAYLOAD.sol, encrypted })
    const reply = this.bmc.handle(sealed, this.from)
    return reply === null ? null : this.openSol(reply.bytes)
  }

  /** What a serial-over-LAN packet of the BMC says; throws if it is none. */
  openSol(bytes: Buffer): SolPacket {
    const plain = this.open(bytes, PAYLOAD.sol)
    const packet = plain === null ? null : decodeSol(plain)
    if (packet === null) throw new Error('not a packet of the serial console')
    return packet
  }

  private open(bytes: Buffer, payloadType: number): Buffer | null {
    const packet = decodePacket(bytes)
    if (packet?.kind !== 'rmcp+' || packet.payloadType !== payloadType) return null
    return packet.encrypted ? decrypt(this.sessionKeys(), packet.payload) : packet.payload
  }

  private sessionKeys(): SessionKeys {
    if (this.keys === null) throw new Error('log in first')
    return this.keys
  }
}

export function handshakePacket(payloadType: number, payload: Buffer): Buffer {
  return encodeRmcpPlus({ payloadType, encrypted: false, sessionId: 0, sequence: 0, payload })
}

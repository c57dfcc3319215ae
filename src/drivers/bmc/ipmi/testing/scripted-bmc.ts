import { randomBytes } from 'node:crypto'
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram'
import type { Credentials } from '../credentials.ts'
import { type Handshake, privilege, rakp2AuthCode, rakp3AuthCode, rakp4Icv, sessionKeys } from '../rakp.ts'
import {
  decodeInSession,
  decodePreSession,
  decodeSessionless,
  encodeInSession,
  encodePreSession,
  encodeSessionless,
  payloadType,
  type SessionKeys,
} from '../rmcp.ts'
import { cipherSuites } from '../suites.ts'
import type { Received } from './received.ts'
import { ScriptedSol } from './scripted-sol.ts'

const levels = [privilege.user, privilege.operator, privilege.administrator] as const

/**
 * What becomes of one command. `lost`: it never arrives. `reply-lost`: it runs, silently. `code`: it does not run and
 * answers that. `forged`: a reply with another outcome and a broken ICV comes first. `plain`: the same without any.
 */
export type Fate = 'run' | 'lost' | 'reply-lost' | 'forged' | 'plain' | { code: number }

/**
 * For the tests of this folder: a BMC on loopback whose every misbehaviour is scripted. That the packets themselves
 * are right is shown elsewhere, by BMCs that others wrote (test/peers).
 */
export class ScriptedBmc {
  readonly #socket: Socket
  readonly #credentials: Credentials
  #handshake: Handshake | undefined
  #keys: SessionKeys | undefined
  #sequence = 0

  /** Which suites Open Session accepts. */
  suites: number[] = [17, 3]
  /** Which suites Open Session does not even answer. */
  silentSuites: number[] = []
  /** Statuses that the next Open Sessions answer with. */
  openStatuses: number[] = []
  /** Decides each command in a session; default: all run. */
  fate: (command: Received) => Fate = () => 'run'
  /** Does it answer at all? */
  alive = true
  /** Wait before each RAKP 2, in milliseconds. */
  rakp2DelayMs = 0
  /** Wait before each reply in a session. */
  replyDelayMs = 0
  /** What becomes of each reply before it is sealed. */
  bend: (message: Buffer) => Buffer = (message) => message
  /** Sent before each reply in a session. */
  noise: () => Buffer[] = () => []

  /** Commands beyond power and boot device: completion code and data; undefined: "invalid command". */
  more: (command: Received) => [number, number[]] | undefined = () => undefined
  readonly sol = new ScriptedSol()
  /** Sent before each Open Session Response. */
  beforeOpenReply: () => Buffer[] = () => []

  power: 'on' | 'off' = 'off'
  /** Boot flags as they read back: `null` keeps what was set. */
  bootFlags = Buffer.alloc(5)
  readBack: (set: Buffer) => Buffer = (set) => set

  /** Suite and privilege of each Open Session, in order. */
  readonly opened: { suite: number; privilege: number }[] = []
  /** Every Open Session Response, as it was sent. */
  readonly openReplies: Buffer[] = []
  readonly commands: Received[] = []
  /** Every true reply in a session, as it was sent. */
  readonly replies: Buffer[] = []
  /** Chassis Control actions that were executed. */
  readonly controls: number[] = []
  /** RAKP 3 with a status: logins that the client gave up. */
  aborted = 0
  rakp1s = 0
  closed = 0
  /** Requests that came while another was being answered. */
  overlapping = 0
  #answering = false
  #stopped = false
  #openedFor: number | undefined
  #from: RemoteInfo | undefined

  private constructor(socket: Socket, credentials: Credentials) {
    this.#socket = socket
    this.#credentials = credentials
    socket.on('message', (packet, from) => this.#receive(packet, from))
  }

  static async start(username: string, password: string): Promise<ScriptedBmc> {
    const socket = createSocket('udp4')
    await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve))
    return new ScriptedBmc(socket, {
      username: Buffer.from(username),
      password: Buffer.from(password),
      kg: undefined,
    })
  }

  get address(): string {
    return `127.0.0.1:${this.#socket.address().port}`
  }

  /** Sets a K_g that the client does not know. */
  setKg(kg: Buffer): void {
    this.#credentials.kg = kg
  }

  /** From now on; for whoever logs in next. */
  set password(password: string) {
    this.#credentials.password = Buffer.from(password)
  }

  /** As after a restart: the session is gone, without a word. */
  forgetSession(): void {
    this.#handshake = undefined
    this.#keys = undefined
  }

  get hasSession(): boolean {
    return this.#keys !== undefined
  }

  stop(): Promise<void> {
    this.#stopped = true
    return new Promise((resolve) => this.#socket.close(() => resolve()))
  }

  #receive(packet: Buffer, from: RemoteInfo): void {
    if (!this.alive) return
    const answer = (type: number, payload: Buffer) => this.#send(encodePreSession(type, payload), from)
    const open = decodePreSession(packet, payloadType.openSessionRequest)
    const opened = open && this.#open(open)
    if (opened) {
      for (const packet of this.beforeOpenReply()) this.#send(packet, from)
      this.openReplies.push(encodePreSession(payloadType.openSessionResponse, opened))
      answer(payloadType.openSessionResponse, opened)
    }
    const rakp1 = decodePreSession(packet, payloadType.rakp1)
    if (rakp1) {
      const rakp2 = this.#rakp1(rakp1)
      setTimeout(() => answer(payloadType.rakp2, rakp2), this.rakp2DelayMs)
    }
    const rakp3 = decodePreSession(packet, payloadType.rakp3)
    const rakp4 = rakp3 && this.#rakp3(rakp3)
    if (rakp4) answer(payloadType.rakp4, rakp4)
    const sessionless = decodeSessionless(packet)
    if (sessionless) this.#send(encodeSessionless(reply(parse(sessionless), 0, [1, 0x80])), from)
    if (this.#keys && this.#handshake) {
      const inSession = decodeInSession(this.#keys, this.#handshake.bmcId, packet)
      if (inSession?.type === payloadType.ipmi)
        this.#command(parse(inSession.payload), this.#keys, this.#handshake, from)
      if (inSession?.type === payloadType.sol) this.#console(inSession.payload)
      if (inSession) this.#from = from
    }
  }

  /** A packet of the console that nobody asked for. */
  sendSol(payload: Buffer): void {
    const { keys, handshake, from } = { keys: this.#keys, handshake: this.#handshake, from: this.#from }
    if (keys === undefined || handshake === undefined || from === undefined) throw new Error('no session')
    this.#sequence += 1
    const iv = randomBytes(16)
    this.#send(encodeInSession(keys, handshake.consoleId, this.#sequence, payload, iv, payloadType.sol), from)
  }

  #console(payload: Buffer): void {
    const answer = this.sol.receive(payload)
    if (answer) this.sendSol(answer)
  }

  #open(request: Buffer): Buffer | undefined {
    const suite = cipherSuites.find((it) => it.authentication === request[12])
    if (suite === undefined) throw new Error('a suite that the client must not offer')
    // A retransmit is the same login.
    if (this.#openedFor !== request.readUInt32LE(4))
      this.opened.push({ suite: suite.id, privilege: request[1] ?? 0 })
    this.#openedFor = request.readUInt32LE(4)
    if (this.silentSuites.includes(suite.id)) return undefined
    const status = this.openStatuses.shift() ?? (this.suites.includes(suite.id) ? 0 : 0x11)
    if (status !== 0)
      return Buffer.concat([Buffer.from([request[0] ?? 0, status, 0, 0]), request.subarray(4, 8)])
    this.#handshake = {
      suite,
      privilege: levels.find((level) => level === request[1]) ?? privilege.operator,
      credentials: this.#credentials,
      consoleId: request.readUInt32LE(4),
      bmcId: randomBytes(4).readUInt32LE() || 1,
      consoleRandom: Buffer.alloc(16),
      bmcRandom: Buffer.alloc(16),
      bmcGuid: Buffer.alloc(16, 0xab),
    }
    const ids = Buffer.alloc(4)
    ids.writeUInt32LE(this.#handshake.bmcId)
    return Buffer.concat([
      Buffer.from([request[0] ?? 0, 0, 4, 0]),
      request.subarray(4, 8),
      ids,
      request.subarray(8, 32),
    ])
  }

  #rakp1(request: Buffer): Buffer {
    this.rakp1s += 1
    const handshake = this.#handshake
    if (handshake?.bmcId !== request.readUInt32LE(4)) return Buffer.from([request[0] ?? 0, 0x02, 0, 0])
    handshake.consoleRandom = Buffer.from(request.subarray(8, 24))
    // A new one for each RAKP 1, as real BMCs do.
    handshake.bmcRandom = randomBytes(16)
    const id = Buffer.alloc(4)
    id.writeUInt32LE(handshake.consoleId)
    const head = Buffer.from([request[0] ?? 0, 0, 0, 0])
    return Buffer.concat([head, id, handshake.bmcRandom, handshake.bmcGuid, rakp2AuthCode(handshake)])
  }

  #rakp3(request: Buffer): Buffer | undefined {
    const handshake = this.#handshake
    if (request[1] !== 0) {
      this.aborted += 1
      this.#handshake = undefined
      return undefined
    }
    if (handshake?.bmcId !== request.readUInt32LE(4)) return Buffer.from([request[0] ?? 0, 0x02, 0, 0])
    if (!request.subarray(8).equals(rakp3AuthCode(handshake)))
      return Buffer.from([request[0] ?? 0, 0x0f, 0, 0])
    this.#keys = sessionKeys(handshake)
    this.#sequence = 0
    const id = Buffer.alloc(4)
    id.writeUInt32LE(handshake.consoleId)
    return Buffer.concat([Buffer.from([request[0] ?? 0, 0, 0, 0]), id, rakp4Icv(handshake)])
  }

  #command(command: Received, keys: SessionKeys, handshake: Handshake, from: RemoteInfo): void {
    const fate = this.fate(command)
    if (fate === 'lost') return
    this.commands.push(command)
    if (this.#answering) this.overlapping += 1
    const [code, data] = typeof fate === 'object' ? [fate.code, []] : this.#run(command)
    if (fate === 'reply-lost') return
    const seal = (message: Buffer) => {
      this.#sequence += 1
      return encodeInSession(keys, handshake.consoleId, this.#sequence, message, randomBytes(16))
    }
    this.#answering = true
    setTimeout(() => {
      this.#answering = false
      for (const packet of this.noise()) this.#send(packet, from)
      const lie = reply(
        command,
        0,
        data.map((byte) => byte ^ 0x01),
      )
      if (fate === 'forged') {
        const forged = seal(lie)
        forged[forged.length - 1] = (forged[forged.length - 1] ?? 0) ^ 0x01
        this.#send(forged, from)
      }
      if (fate === 'plain') {
        const plain = encodePreSession(payloadType.ipmi, lie)
        plain.writeUInt32LE(handshake.consoleId, 6)
        plain.writeUInt32LE(this.#sequence + 1, 10)
        this.#send(plain, from)
      }
      const sealed = seal(this.bend(reply(command, code, data)))
      this.replies.push(sealed)
      this.#send(sealed, from)
    }, this.replyDelayMs)
  }

  #run(command: Received): [number, number[]] {
    const [first] = command.data
    switch (`${command.netFn}/${command.number}`) {
      case '6/59': // Set Session Privilege Level
        return [0, [first ?? 0]]
      case '6/60': // Close Session
        this.closed += 1
        if (this.sol.owner === command.data.readUInt32LE(0)) this.sol.owner = 0
        queueMicrotask(() => this.forgetSession())
        return [0, []]
      case '0/1': // Get Chassis Status
        return [0, [this.power === 'on' ? 1 : 0, 0, 0]]
      case '0/2': // Chassis Control
        this.controls.push(first ?? -1)
        if (first === 0) this.power = 'off'
        if (first === 1) this.power = 'on'
        return [0, []]
      case '0/8': // Set System Boot Options
        if (first === 5) this.bootFlags = Buffer.from(command.data.subarray(1))
        return [0, []]
      case '0/9': // Get System Boot Options
        return [0, [1, first ?? 0, ...this.readBack(this.bootFlags)]]
      default: {
        const handshake = this.#handshake
        const console = handshake && this.sol.run(command, handshake.bmcId, handshake.privilege)
        return console ?? this.more(command) ?? [0xc1, []]
      }
    }
  }

  #send(packet: Buffer, to: RemoteInfo): void {
    if (this.#stopped) return
    this.#socket.send(packet, to.port, to.address, () => undefined)
  }
}

function parse(message: Buffer): Received {
  return {
    netFn: (message[1] ?? 0) >> 2,
    requestSequence: (message[4] ?? 0) >> 2,
    number: message[5] ?? 0,
    data: Buffer.from(message.subarray(6, -1)),
  }
}

function reply(to: Received, code: number, data: number[]): Buffer {
  const body = [0x20, to.requestSequence << 2, to.number, code, ...data]
  const head = [0x81, (to.netFn + 1) << 2]
  return Buffer.from([...head, checksum(head), ...body, checksum(body)])
}

function checksum(bytes: number[]): number {
  return -bytes.reduce((sum, byte) => sum + byte, 0) & 0xff
}

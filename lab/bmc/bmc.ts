import { randomBytes } from 'node:crypto'
import type { Machine } from '../world/types.ts'
import { type Answer, refused } from './answer.ts'
import { BOOT_FLAG_TIMEOUT_MS, BootOptions } from './boot-options.ts'
import type { Command, CommandContext } from './command.ts'
import { APP_COMMANDS } from './commands-app.ts'
import { CHASSIS_COMMANDS } from './commands-chassis.ts'
import { type BmcDials, defaultDials } from './dials.ts'
import { type HandshakeContext, handshake } from './handshake.ts'
import { COMPLETION, decodeRequest, encodeResponse, type Request } from './message.ts'
import { decodePacket, encodePlain, encodePong, PAYLOAD, type RmcpPlusPacket } from './packet.ts'
import { encodeSessionless, openPacket, sealPacket } from './secure-channel.ts'
import { PRIVILEGE, type Session, type SessionLimits, SessionTable } from './sessions.ts'

export interface BmcOptions extends Partial<SessionLimits> {
  /** K_g, at most 20 bytes. Absent: the BMC has none. */
  bmcKey?: Buffer
  /** Highest privilege level of the user; ADMINISTRATOR (4) by default. */
  privilegeLimit?: number
  bootFlagTimeoutMs?: number
  /** Real milliseconds of a steady clock. */
  now?: () => number
  random?: (bytes: number) => Buffer
}

export interface Reply {
  bytes: Buffer
  /** The request that it answers; null for a handshake message or a pong. */
  request: Request | null
}

/** Four sessions are the floor that IPMI 2.0 §6.12 names, and what many boards have; setup time is OpenBMC's. */
const DEFAULT_LIMITS: SessionLimits = { sessions: 4, inactivityMs: 60_000, setupMs: 5_000 }

const COMMANDS = new Map(
  [...APP_COMMANDS, ...CHASSIS_COMMANDS].map((command) => [commandKey(command), command]),
)

function commandKey(command: Pick<Command, 'netFn' | 'command'>): number {
  return (command.netFn << 8) | command.command
}

/** One machine's BMC without its socket: datagram in, datagram out. */
export class Bmc {
  readonly dials: BmcDials = defaultDials()
  readonly sessions: SessionTable
  private readonly bootOptions: BootOptions
  private readonly commandContext: Omit<CommandContext, 'session'>
  private readonly handshakeContext: HandshakeContext
  private readonly random: (bytes: number) => Buffer

  constructor(machine: Machine, options: BmcOptions = {}) {
    this.random = options.random ?? randomBytes
    const limits: SessionLimits = {
      sessions: options.sessions ?? DEFAULT_LIMITS.sessions,
      inactivityMs: options.inactivityMs ?? DEFAULT_LIMITS.inactivityMs,
      setupMs: options.setupMs ?? DEFAULT_LIMITS.setupMs,
    }
    const { dials, random } = this
    const sessions = new SessionTable(limits, options.now ?? (() => performance.now()), random)
    this.sessions = sessions
    this.bootOptions = new BootOptions(machine, dials, options.bootFlagTimeoutMs ?? BOOT_FLAG_TIMEOUT_MS)
    const guid = guidBytes(machine.uuid)
    const bmcKey = options.bmcKey ?? Buffer.alloc(0)
    this.commandContext = {
      machine,
      dials,
      sessions,
      guid,
      bootOptions: this.bootOptions,
      chassis: { poweredByCommand: false, identify: 'off' },
      hasBmcKey: bmcKey.length > 0,
    }
    this.handshakeContext = {
      dials,
      sessions,
      guid,
      bmcKey,
      random,
      username: machine.bmc.username,
      password: machine.bmc.password,
      privilegeLimit: options.privilegeLimit ?? PRIVILEGE.administrator,
    }
  }

  /** `from` tells consoles apart ("address:port"). Null: nothing to answer; malformed packets are dropped silently. */
  handle(datagram: Buffer, from: string): Reply | null {
    const packet = decodePacket(datagram)
    if (packet === null) return null
    if (packet.kind === 'asf-ping') return { bytes: encodePong(packet.tag), request: null }
    if (packet.kind === 'plain')
      return packet.sessionId === 0 ? this.sessionless(packet.payload, encodePlain) : null
    if (packet.sessionId !== 0) return this.inSession(packet)
    if (packet.encrypted || packet.authenticated) return null
    if (packet.payloadType === PAYLOAD.ipmi)
      return this.sessionless(packet.payload, (payload) => encodeSessionless(PAYLOAD.ipmi, payload))
    const answer = handshake(this.handshakeContext, packet.payloadType, packet.payload, from)
    if (answer === null) return null
    return { bytes: encodeSessionless(answer.payloadType, answer.payload), request: null }
  }

  stop(): void {
    this.bootOptions.stopTimer()
  }

  private sessionless(payload: Buffer, encode: (payload: Buffer) => Buffer): Reply | null {
    const request = decodeRequest(payload)
    if (request === null) return null
    const { completion, data } = this.execute(request, null)
    return { bytes: encode(encodeResponse(request, completion, data)), request }
  }

  private inSession(packet: RmcpPlusPacket): Reply | null {
    const session = this.sessions.find(packet.sessionId)
    if (session?.phase.kind !== 'active') return null
    if (packet.payloadType !== PAYLOAD.ipmi) return null
    const active = session.phase
    const plain = openPacket(active, packet)
    const request = plain === null ? null : decodeRequest(plain)
    if (request === null) return null

    this.sessions.touch(session)
    const { completion, data } = this.execute(request, session)
    const message = { payloadType: PAYLOAD.ipmi, payload: encodeResponse(request, completion, data) }
    const bytes = sealPacket(session, active, this.random(16), message)
    return { bytes, request }
  }

  private execute(request: Request, session: Session | null): Answer {
    const command = COMMANDS.get(commandKey(request))
    if (command === undefined) return refused(COMPLETION.invalidCommand)
    const privilege = session?.phase.kind === 'active' ? session.phase.privilege : 0
    if (privilege < command.privilege) return refused(COMPLETION.insufficientPrivilege)
    if (request.data.length < command.minBytes) return refused(COMPLETION.lengthInvalid)
    return command.run({ ...this.commandContext, session }, request.data)
  }
}

/** IPMI sends a GUID with its last byte first (IPMI 2.0 §20.8). */
function guidBytes(uuid: string): Buffer {
  const bytes = Buffer.alloc(16)
  Buffer.from(uuid.replaceAll('-', ''), 'hex').copy(bytes)
  return bytes.reverse()
}

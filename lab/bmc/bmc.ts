import { randomBytes } from 'node:crypto'
import type { Machine } from '../world/types.ts'
import { type Answer, refused } from './answer.ts'
import { BOOT_FLAG_TIMEOUT_MS, BootOptions } from './boot-options.ts'
import type { Command, CommandContext } from './command.ts'
import { APP_COMMANDS } from './commands-app.ts'
import { CHASSIS_COMMANDS } from './commands-chassis.ts'
import { DEVICE_COMMANDS } from './commands-device.ts'
import { PAYLOAD_COMMANDS } from './commands-payload.ts'
import { SENSOR_COMMANDS } from './commands-sensor.ts'
import { STORAGE_COMMANDS } from './commands-storage.ts'
import { ManagementController } from './controller.ts'
import type { BmcDials } from './dials.ts'
import { fruData } from './fru.ts'
import { type HandshakeContext, handshake } from './handshake.ts'
import { COMPLETION, decodeRequest, encodeResponse, type Request } from './message.ts'
import { decodePacket, encodePlain, encodePong, PAYLOAD, type RmcpPlusPacket } from './packet.ts'
import { Reservations } from './reservations.ts'
import { sdrRecords } from './sdr-records.ts'
import { encodeSessionless, openPacket, sealPacket } from './secure-channel.ts'
import { PRIVILEGE, type Session, type SessionLimits, SessionTable } from './sessions.ts'
import { SerialOverLan } from './sol.ts'

export interface BmcOptions extends Partial<SessionLimits> {
  /** K_g, at most 20 bytes. Absent: the BMC has none. */
  bmcKey?: Buffer
  /** Highest privilege level of the user; ADMINISTRATOR (4) by default. */
  privilegeLimit?: number
  bootFlagTimeoutMs?: number
  /** The controller behind it, where other protocols share it; else the BMC has one of its own. */
  controller?: ManagementController
  /** Real milliseconds of a steady clock. */
  now?: () => number
  random?: (bytes: number) => Buffer
  /** UDP port that the BMC is reached at, where the machine's own says 0. */
  port?: () => number
  /** Takes the packets that answer nothing: characters of the serial console. `to` is a console as in `handle`. */
  send?: (bytes: Buffer, to: string) => void
}

export interface Reply {
  bytes: Buffer
  /** The request that it answers; null for a handshake message or a pong. */
  request: Request | null
}

/** Four sessions are the floor that IPMI 2.0 §6.12 names, and what many boards have; setup time is OpenBMC's. */
const DEFAULT_LIMITS: SessionLimits = { sessions: 4, inactivityMs: 60_000, setupMs: 5_000 }

const COMMANDS = new Map(
  [
    ...APP_COMMANDS,
    ...CHASSIS_COMMANDS,
    ...DEVICE_COMMANDS,
    ...PAYLOAD_COMMANDS,
    ...SENSOR_COMMANDS,
    ...STORAGE_COMMANDS,
  ].map((command) => [commandKey(command), command]),
)

function commandKey(command: Pick<Command, 'netFn' | 'command'>): number {
  return (command.netFn << 8) | command.command
}

/** One machine's BMC without its socket: datagram in, datagram out. */
export class Bmc {
  readonly controller: ManagementController
  readonly dials: BmcDials
  readonly sessions: SessionTable
  private readonly bootOptions: BootOptions
  private readonly sol: SerialOverLan
  private readonly commandContext: Omit<CommandContext, 'session' | 'port'>
  private readonly port: () => number
  private readonly handshakeContext: HandshakeContext
  private readonly random: (bytes: number) => Buffer

  constructor(machine: Machine, options: BmcOptions = {}) {
    this.random = options.random ?? randomBytes
    this.port = options.port ?? (() => machine.bmc.port)
    const limits: SessionLimits = {
      sessions: options.sessions ?? DEFAULT_LIMITS.sessions,
      inactivityMs: options.inactivityMs ?? DEFAULT_LIMITS.inactivityMs,
      setupMs: options.setupMs ?? DEFAULT_LIMITS.setupMs,
    }
    const { random } = this
    const controller = options.controller ?? new ManagementController(machine, { now: options.now })
    const { dials } = controller
    this.controller = controller
    this.dials = dials
    const sessions = new SessionTable(limits, controller.now, random)
    this.sessions = sessions
    this.bootOptions = new BootOptions(machine, dials, options.bootFlagTimeoutMs ?? BOOT_FLAG_TIMEOUT_MS)
    this.sol = new SerialOverLan({
      machine,
      sessions,
      dials,
      send: (session, message) => {
        const bytes = this.seal(session, message)
        if (bytes !== null) options.send?.(bytes, session.from)
      },
    })
    const guid = guidBytes(machine.uuid)
    const bmcKey = options.bmcKey ?? Buffer.alloc(0)
    const privilegeLimit = options.privilegeLimit ?? PRIVILEGE.administrator
    this.commandContext = {
      controller,
      dials,
      clock: controller.clock,
      sel: controller.log,
      sensors: controller.sensors,
      sdr: sdrRecords(machine, controller.sensors.table),
      fru: fruData(machine),
      reservations: new Reservations(),
      sessions,
      sol: this.sol,
      guid,
      bootOptions: this.bootOptions,
      chassis: { restorePolicy: 0 },
      hasBmcKey: bmcKey.length > 0,
      privilegeLimit,
    }
    controller.onRestart(() => this.restarted())
    controller.onButton((button) => this.bootOptions.buttonPressed(button))
    this.handshakeContext = {
      dials,
      sessions,
      guid,
      bmcKey,
      random,
      username: machine.bmc.username,
      password: machine.bmc.password,
      privilegeLimit,
    }
  }

  /** `from` tells consoles apart ("address:port"). Null: nothing to answer; malformed packets are dropped silently. */
  handle(datagram: Buffer, from: string): Reply | null {
    const packet = decodePacket(datagram)
    if (packet === null || this.controller.restarting) return null
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

  loggedIn(): { from: string; console: boolean }[] {
    const owner = this.sol.owner()
    return this.sessions.all().map((session) => ({ from: session.from, console: session === owner }))
  }

  /** Ends its timers, and those of its controller. */
  stop(): void {
    this.bootOptions.stopTimer()
    this.sol.deactivate(false)
    this.controller.stop()
  }

  /** Settings, event log and boot flags are kept where a restart does not reach; the sessions are not. */
  private restarted(): void {
    this.sol.deactivate(false)
    this.sessions.clear()
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
    const plain = openPacket(session.phase, packet)
    if (plain === null) return null
    if (packet.payloadType === PAYLOAD.sol) return this.serialConsole(session, plain, packet.encrypted)
    // Commands are not spoken in the clear.
    const request = packet.payloadType === PAYLOAD.ipmi && packet.encrypted ? decodeRequest(plain) : null
    if (request === null) return null

    this.sessions.touch(session)
    const { completion, data } = this.execute(request, session)
    const payload = encodeResponse(request, completion, data)
    const bytes = this.seal(session, { payloadType: PAYLOAD.ipmi, payload })
    return bytes === null ? null : { bytes, request }
  }

  private serialConsole(session: Session, payload: Buffer, encrypted: boolean): Reply | null {
    this.sessions.touch(session)
    const answer = this.sol.receive(session, payload, encrypted)
    const bytes = answer === null ? null : this.seal(session, { payloadType: PAYLOAD.sol, ...answer })
    return bytes === null ? null : { bytes, request: null }
  }

  private seal(
    session: Session,
    message: { payloadType: number; payload: Buffer; encrypted?: boolean },
  ): Buffer | null {
    if (session.phase.kind !== 'active') return null
    return sealPacket(session, session.phase, this.random(16), message)
  }

  private execute(request: Request, session: Session | null): Answer {
    const command = COMMANDS.get(commandKey(request))
    if (command === undefined) return refused(COMPLETION.invalidCommand)
    const privilege = session?.phase.kind === 'active' ? session.phase.privilege : 0
    if (privilege < command.privilege) return refused(COMPLETION.insufficientPrivilege)
    if (request.data.length < command.minBytes) return refused(COMPLETION.lengthInvalid)
    const context: CommandContext = { ...this.commandContext, session, port: this.port() }
    return command.run(context, request.data)
  }
}

/** IPMI sends a GUID with its last byte first (IPMI 2.0 §20.8). */
function guidBytes(uuid: string): Buffer {
  const bytes = Buffer.alloc(16)
  Buffer.from(uuid.replaceAll('-', ''), 'hex').copy(bytes)
  return bytes.reverse()
}

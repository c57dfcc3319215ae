import { randomBytes } from 'node:crypto'
import { le32 } from './bytes.ts'
import { IpmiError } from './client-error.ts'
import { ClientLink } from './client-link.ts'
import { COMPLETION, decodeResponse, encodeRequest, NETFN } from './message.ts'
import { encodePlain, encodeRmcpPlus, PAYLOAD, type Packet } from './packet.ts'
import {
  decodeAnswer,
  type Exchange,
  encodeOpenRequest,
  encodeRakp,
  encodeRakp1,
  exchangeKeys,
  type HandshakeAnswer,
  rakp2Code,
  rakp3Code,
  rakp4Code,
  STATUS,
} from './rakp.ts'
import { PRIVILEGE } from './sessions.ts'
import { checkValue, decrypt, encrypt, type SessionKeys, SUITES, type SuiteId, sameBytes } from './suites.ts'

export interface IpmiTarget {
  address: string
  port: number
  username: string
  password: string
  /** Cipher suite; 3 by default, as FreeIPMI has it. */
  suite?: SuiteId
}

/** MAAS's default: enough for power and boot device. */
const LEVEL = PRIVILEGE.operator

const COMMAND = { authenticationCapabilities: 0x38, setPrivilege: 0x3b, closeSession: 0x3c } as const

/** An RMCP+ session as the console. Open it, use it, and always close it: a BMC has few. */
export class ClientSession {
  private readonly link: ClientLink
  private readonly exchange: Pick<Exchange, 'consoleId' | 'bmcId'>
  private readonly keys: SessionKeys
  private outbound = 0
  private messageSequence = 0

  private constructor(link: ClientLink, exchange: Pick<Exchange, 'consoleId' | 'bmcId'>, keys: SessionKeys) {
    this.link = link
    this.exchange = exchange
    this.keys = keys
  }

  /** Logs in with OPERATOR privilege. Throws IpmiError. */
  static async open(target: IpmiTarget): Promise<ClientSession> {
    const link = await ClientLink.open(target.address, target.port)
    try {
      await askCapabilities(link)
      const exchange = await logIn(link, target)
      const session = new ClientSession(link, exchange, exchangeKeys(exchange))
      await session.command(NETFN.app, COMMAND.setPrivilege, Buffer.from([LEVEL]))
      return session
    } catch (error) {
      link.close()
      throw error
    }
  }

  /** The answer's data. Throws IpmiError: unreachable, or command with the completion code. */
  async command(netFn: number, command: number, data: Buffer, sends?: number): Promise<Buffer> {
    this.messageSequence = (this.messageSequence + 1) % 64
    const sequence = this.messageSequence
    const request = encodeRequest({ netFn, command, sequence, data })
    const answer = await this.link.ask(
      () => this.seal(request),
      (packet) => {
        const plain = this.unseal(packet)
        const response = plain === null ? null : decodeResponse(plain)
        return response?.sequence === sequence && response.command === command ? response : null
      },
      sends,
    )
    if (answer.completion === COMPLETION.ok) return answer.data
    throw new IpmiError('command', `BMC refused command 0x${command.toString(16)}`, answer.completion)
  }

  async close(): Promise<void> {
    try {
      await this.command(NETFN.app, COMMAND.closeSession, le32(this.exchange.bmcId), 1)
    } catch {
      // The BMC will forget the session by itself; what was to be done has been done.
    } finally {
      this.link.close()
    }
  }

  private seal(payload: Buffer): Buffer {
    this.outbound += 1
    return encodeRmcpPlus(
      {
        payloadType: PAYLOAD.ipmi,
        encrypted: true,
        sessionId: this.exchange.bmcId,
        sequence: this.outbound,
        payload: encrypt(this.keys, randomBytes(16), payload),
      },
      (covered) => checkValue(this.keys.suite, this.keys.k1, covered),
    )
  }

  private unseal(packet: Packet): Buffer | null {
    if (packet.kind !== 'rmcp+' || packet.sessionId !== this.exchange.consoleId) return null
    if (!packet.authenticated || !packet.encrypted || packet.payloadType !== PAYLOAD.ipmi) return null
    if (!sameBytes(packet.icv, checkValue(this.keys.suite, this.keys.k1, packet.covered))) return null
    return decrypt(this.keys, packet.payload)
  }
}

/** FreeIPMI asks this first; the lab only wants to know that somebody answers. */
async function askCapabilities(link: ClientLink): Promise<void> {
  const data = Buffer.from([0x8e, LEVEL])
  const command = COMMAND.authenticationCapabilities
  const request = encodePlain(encodeRequest({ netFn: NETFN.app, command, sequence: 0, data }))
  await link.ask(
    () => request,
    (packet) => (packet.kind === 'plain' ? decodeResponse(packet.payload) : null),
  )
}

async function logIn(link: ClientLink, target: IpmiTarget): Promise<Exchange> {
  const suite = SUITES[target.suite ?? 3]
  const consoleId = randomBytes(4).readUInt32LE(0) || 1
  const opened = await handshakeStep(link, PAYLOAD.openRequest, {
    consoleId,
    payload: encodeOpenRequest(0, LEVEL, consoleId, suite),
  })
  const bmcId = opened.rest.length >= 4 ? opened.rest.readUInt32LE(0) : 0
  const username = Buffer.from(target.username)
  const consoleRandom = randomBytes(16)
  // Bit 4: look the user up by name alone.
  const role = 0x10 | LEVEL
  const challenged = await handshakeStep(link, PAYLOAD.rakp1, {
    consoleId,
    payload: encodeRakp1({ tag: 0, bmcId, random: consoleRandom, role, username }),
  })
  const exchange: Exchange = {
    suite,
    consoleId,
    bmcId,
    consoleRandom,
    bmcRandom: challenged.rest.subarray(0, 16),
    bmcGuid: challenged.rest.subarray(16, 32),
    role,
    username,
    password: Buffer.from(target.password),
    bmcKey: Buffer.alloc(0),
  }
  if (!sameBytes(challenged.rest.subarray(32), rakp2Code(exchange))) {
    // RAKP 3 with a status frees the BMC's half-open session at once; it is never answered.
    await link.tell(sessionlessPacket(PAYLOAD.rakp3, encodeRakp(0, STATUS.invalidIcv, bmcId)))
    throw new IpmiError('auth', 'password invalid')
  }
  const finished = await handshakeStep(link, PAYLOAD.rakp3, {
    consoleId,
    payload: encodeRakp(0, STATUS.ok, bmcId, rakp3Code(exchange)),
  })
  if (!sameBytes(finished.rest, rakp4Code(exchange, exchangeKeys(exchange))))
    throw new IpmiError('auth', 'BMC key (K_g) invalid')
  return exchange
}

function sessionlessPacket(payloadType: number, payload: Buffer): Buffer {
  return encodeRmcpPlus({ payloadType, encrypted: false, sessionId: 0, sequence: 0, payload })
}

/** Sends one handshake message and returns the answer, whose payload type is the next number. */
async function handshakeStep(
  link: ClientLink,
  payloadType: number,
  message: { consoleId: number; payload: Buffer },
): Promise<HandshakeAnswer> {
  const answer = await link.ask(
    () => sessionlessPacket(payloadType, message.payload),
    (packet) => {
      if (packet.kind !== 'rmcp+' || packet.payloadType !== payloadType + 1) return null
      const decoded = decodeAnswer(packet.payload)
      // A BMC that does not know the session any more has no console id to give.
      return decoded?.consoleId === message.consoleId || decoded?.status === STATUS.invalidSessionId
        ? decoded
        : null
    },
  )
  if (answer.status !== STATUS.ok) throw refusal(payloadType, answer.status)
  return answer
}

function refusal(payloadType: number, status: number): IpmiError {
  if (status === STATUS.insufficientResources) return new IpmiError('busy', 'no free BMC session', status)
  if (payloadType === PAYLOAD.openRequest)
    return new IpmiError('suite', 'BMC refused the cipher suite', status)
  return new IpmiError('auth', 'BMC refused the login', status)
}

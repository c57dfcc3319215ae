import { byteAt } from './bytes.ts'
import type { BmcDials } from './dials.ts'
import { PAYLOAD } from './packet.ts'
import {
  type Algorithms,
  decodeOpenRequest,
  decodeRakp1,
  decodeRakp3,
  type Exchange,
  encodeOpenResponse,
  encodeRakp,
  encodeRefusal,
  exchangeKeys,
  type OpenRequest,
  rakp2Code,
  rakp3Code,
  rakp4Code,
  STATUS,
} from './rakp.ts'
import { activate, PRIVILEGE, type Session, type SessionTable, sameButTag } from './sessions.ts'
import { SUITES, type Suite, sameBytes } from './suites.ts'

type LoginDials = Pick<BmcDials, 'suites' | 'suiteRefusal' | 'rejectPassword'>

/** What the BMC knows about itself and its one user. */
export interface HandshakeContext {
  sessions: SessionTable
  dials: LoginDials
  guid: Buffer
  username: string
  password: string
  bmcKey: Buffer
  /** Highest level of the user. */
  privilegeLimit: number
  random: (bytes: number) => Buffer
}

export interface HandshakeReply {
  payloadType: number
  payload: Buffer
}

/** Open Session and RAKP 1 and 3 (IPMI 2.0 §13.17 to §13.24). Null: nothing to answer. */
export function handshake(
  context: HandshakeContext,
  payloadType: number,
  payload: Buffer,
  from: string,
): HandshakeReply | null {
  if (payloadType === PAYLOAD.openRequest) return answer(PAYLOAD.openResponse, open(context, payload, from))
  if (payloadType === PAYLOAD.rakp1) return answer(PAYLOAD.rakp2, challenge(context, payload))
  if (payloadType === PAYLOAD.rakp3) return answer(PAYLOAD.rakp4, finish(context, payload))
  return null
}

function answer(payloadType: number, payload: Buffer | null): HandshakeReply | null {
  return payload === null ? null : { payloadType, payload }
}

/** Keeps the reply for the case that it gets lost and the console asks again. */
function remember(session: Session, request: Buffer, reply: Buffer): Buffer {
  session.lastHandshake = { request: Buffer.from(request), reply }
  return reply
}

/**
 * The same reply once more, under the tag of the repeated message: ipmitool repeats it with the same tag, FreeIPMI
 * with a new one.
 */
function retagged(reply: Buffer, request: Buffer): Buffer {
  const again = Buffer.from(reply)
  again[0] = byteAt(request, 0)
  return again
}

function open(context: HandshakeContext, payload: Buffer, from: string): Buffer | null {
  const request = decodeOpenRequest(payload)
  if (request === null) return null
  const again = context.sessions.findOpenedBy(payload, from)?.lastHandshake
  if (again !== undefined && again !== null) return retagged(again.reply, payload)

  const refuse = (status: number) => encodeRefusal(request.tag, status, request.consoleId)
  if (request.consoleId === 0) return refuse(STATUS.invalidSessionId)
  if (request.privilege > PRIVILEGE.administrator) return refuse(STATUS.invalidRole)
  const suite = chooseSuite(request, context.dials)
  if (typeof suite === 'number') return refuse(suite)
  const session = context.sessions.open(request.consoleId, from, suite)
  if (session === null) return refuse(STATUS.insufficientResources)
  const privilege = Math.min(request.privilege || context.privilegeLimit, context.privilegeLimit)
  return remember(session, payload, encodeOpenResponse(request, { suite, bmcId: session.bmcId, privilege }))
}

/** The suite, or the status of the refusal. Algorithms that the console leaves open match every suite. */
function chooseSuite(request: OpenRequest, dials: LoginDials): Suite | number {
  const known = Object.values(SUITES)
  const wanted = request.algorithms
  if (!known.some((suite) => fits(wanted.authentication, suite.authentication)))
    return STATUS.invalidAuthentication
  if (!known.some((suite) => fits(wanted.integrity, suite.integrity))) return STATUS.invalidIntegrity
  if (!known.some((suite) => fits(wanted.confidentiality, suite.confidentiality)))
    return STATUS.invalidConfidentiality
  // The strongest first, for a console that leaves the choice.
  const matching = known.filter((suite) => matches(wanted, suite)).sort((a, b) => b.id - a.id)
  if (matching.length === 0) return STATUS.noSuiteMatch
  return matching.find((suite) => dials.suites.includes(suite.id)) ?? dials.suiteRefusal
}

function fits(wanted: number | null, offered: number): boolean {
  return wanted === null || wanted === offered
}

function matches(wanted: Algorithms, suite: Suite): boolean {
  return (
    fits(wanted.authentication, suite.authentication) &&
    fits(wanted.integrity, suite.integrity) &&
    fits(wanted.confidentiality, suite.confidentiality)
  )
}

/** The retransmission of what this session answered last gets the same answer. */
function repeated(session: Session | undefined, payload: Buffer): Buffer | null {
  const last = session?.lastHandshake
  return last && sameButTag(last.request, payload) ? retagged(last.reply, payload) : null
}

/** RAKP 1 → RAKP 2. */
function challenge(context: HandshakeContext, payload: Buffer): Buffer | null {
  const message = decodeRakp1(payload)
  if (message === null) return null
  const session = context.sessions.find(message.bmcId)
  const again = repeated(session, payload)
  if (again !== null) return again
  if (session?.phase.kind !== 'opened') return encodeRefusal(message.tag, STATUS.invalidSessionId, 0)

  const refuse = (status: number) => {
    context.sessions.close(session.bmcId)
    return encodeRefusal(message.tag, status, session.consoleId)
  }
  const role = message.role & 0x0f
  if (role > PRIVILEGE.administrator) return refuse(STATUS.invalidRole)
  if (!sameBytes(message.username, Buffer.from(context.username))) return refuse(STATUS.unauthorizedName)
  if (role > context.privilegeLimit) return refuse(STATUS.unauthorizedRole)

  const exchange: Exchange = {
    suite: session.suite,
    consoleId: session.consoleId,
    bmcId: session.bmcId,
    consoleRandom: Buffer.from(message.random),
    bmcRandom: context.random(16),
    bmcGuid: context.guid,
    role: message.role,
    username: Buffer.from(message.username),
    password: context.dials.rejectPassword ? context.random(20) : Buffer.from(context.password),
    bmcKey: context.bmcKey,
  }
  session.phase = { kind: 'challenged', exchange, limit: role || context.privilegeLimit }
  context.sessions.touch(session)
  const parts = [exchange.bmcRandom, exchange.bmcGuid, rakp2Code(exchange)]
  return remember(session, payload, encodeRakp(message.tag, STATUS.ok, session.consoleId, ...parts))
}

/** RAKP 3 → RAKP 4. */
function finish(context: HandshakeContext, payload: Buffer): Buffer | null {
  const message = decodeRakp3(payload)
  if (message === null) return null
  const session = context.sessions.find(message.bmcId)
  const again = repeated(session, payload)
  if (again !== null) return again
  if (session?.phase.kind !== 'challenged') return encodeRefusal(message.tag, STATUS.invalidSessionId, 0)
  if (message.status !== STATUS.ok) {
    // The console did not like RAKP 2 and gives up; it expects no answer (IPMI 2.0 §13.22).
    context.sessions.close(session.bmcId)
    return null
  }
  const { exchange, limit } = session.phase
  if (!sameBytes(message.authCode, rakp3Code(exchange))) {
    context.sessions.close(session.bmcId)
    return encodeRefusal(message.tag, STATUS.invalidIcv, session.consoleId)
  }
  const keys = exchangeKeys(exchange)
  session.phase = activate(keys, limit)
  context.sessions.touch(session)
  const code = rakp4Code(exchange, keys)
  return remember(session, payload, encodeRakp(message.tag, STATUS.ok, session.consoleId, code))
}

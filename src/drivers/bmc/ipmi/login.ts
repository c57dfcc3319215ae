import type { FerruleError } from '../../../domain/errors.ts'
import { completion, completionText, isRetryable } from './completion-codes.ts'
import { type Credentials, sameCredentials } from './credentials.ts'
import { authFailed, refused, sessionsFull, unreachable } from './errors.ts'
import { type HandshakeOutcome, type Proposal, shakeHands } from './handshake.ts'
import { loginStatus, loginStatusText } from './login-status.ts'
import type { Command, Reply } from './message.ts'
import { type IpmiSettings, pause } from './options.ts'
import { answersSessionless } from './probe.ts'
import { type Privilege, privilege } from './rakp.ts'
import type { Session } from './session.ts'
import { type CipherSuite, cipherSuites } from './suites.ts'
import type { Transport } from './transport.ts'

/** What the last login to this BMC settled on; it is tried first. */
export interface LoginMemory {
  suite: CipherSuite
  /** The level that the BMC has granted these credentials. */
  privilege: Privilege | undefined
  credentials: Credentials
}

export interface Login {
  session: Session
  suite: CipherSuite
  privilege: Privilege
  /** False: it still has USER, and `raisePrivilege` comes before whatever needs more. */
  raised: boolean
}

export interface LoginTarget {
  /** For messages. */
  address: string
  transport: Transport
  credentials: Credentials
  /** The least privilege that will do. */
  needs: Privilege
  /** The first command is one for USER: a level that was granted before is not asked for again until it is needed. */
  readOnly: boolean
  remembered: LoginMemory | undefined
  /** Each ends the wait for a free session. Asked for when there is such a wait. */
  signals(): readonly AbortSignal[]
  /** Told when the wait begins, and why. */
  onFull(seen: string): void
}

/** One round through suites and levels ends in a login, or in these. */
type Round = Login | { failed: 'full' | 'silence' | 'suite' | 'suite or level' | 'level'; seen: string }

/** The longest wait between two tries at a BMC without free session, in first waits. */
const longestWait = 8
const privilegeTries = 4

/**
 * Opens a session at OPERATOR, the least that power and boot device need; at ADMINISTRATOR when the BMC refuses that
 * level for this user, and at USER only if that is all that is needed. Suites 17, then 3. Throws bmc-unreachable (no
 * answer, or no free session for as long as leaked ones live), bmc-auth (never retried: BMCs lock users out),
 * bmc-refused.
 */
export async function login(target: LoginTarget, settings: IpmiSettings): Promise<Login> {
  let wait = settings.sessionRetryMs
  for (let left = settings.sessionsFullMs; ; left -= wait, wait *= 2) {
    const round = await tryLevels(target, settings)
    if ('session' in round) return round
    if (round.failed === 'level') throw tooLittlePrivilege(target, round.seen)
    if (round.failed === 'suite') {
      throw authFailed(
        target.address,
        round.seen,
        'Enable cipher suite 17 or 3 for the LAN channel on the BMC.',
      )
    }
    if (left <= 0) throw sessionsFull(target.address, round.seen)
    target.onFull(round.seen)
    wait = Math.min(wait, settings.sessionRetryMs * longestWait, left)
    await pause(settings.clock, wait, target.signals())
  }
}

function tooLittlePrivilege(target: LoginTarget, seen: string): FerruleError {
  const [level, what] =
    target.needs === privilege.administrator
      ? ['ADMINISTRATOR', ': its serial console needs it']
      : target.needs === privilege.operator
        ? ['OPERATOR', '']
        : ['at least USER', '']
  return authFailed(target.address, seen, `Give the BMC user ${level} privilege on the LAN channel${what}.`)
}

async function tryLevels(target: LoginTarget, settings: IpmiSettings): Promise<Round> {
  let last: Round = { failed: 'level', seen: 'no privilege level was tried' }
  for (const level of levels(target)) {
    last = await trySuites(target, level, settings)
    if ('session' in last || last.failed !== 'level') return last
  }
  return last
}

function levels({ needs, remembered }: LoginTarget): Privilege[] {
  const known = remembered?.privilege
  const all: Privilege[] = [privilege.operator, privilege.administrator]
  // Never for more than reading: a power command must not find out at the last moment that it may not.
  if (needs === privilege.user) all.push(privilege.user)
  const enough = all.filter((level) => level >= needs)
  if (known === privilege.administrator) return [known]
  if (known === privilege.user && needs === privilege.user)
    return [known, ...all.filter((it) => it !== known)]
  return enough
}

async function trySuites(target: LoginTarget, level: Privilege, settings: IpmiSettings): Promise<Round> {
  const failures: Exclude<Round, Login>[] = []
  for (const suite of inOrder(target.remembered?.suite)) {
    const round = await trySuite(
      target,
      { suite, privilege: level, credentials: target.credentials },
      settings,
    )
    // Said by a BMC that has accepted suite and password, so another suite would not change it.
    if ('session' in round || round.failed === 'level') return round
    failures.push(round)
  }
  const seen = failures.map((it) => it.seen).join('; ')
  const some = (failed: string) => failures.some((it) => it.failed === failed)
  // What can heal comes first: a full BMC may call a disabled suite "full" too, or a level that is not allowed.
  if (some('full')) return { failed: 'full', seen }
  if (failures.every((it) => it.failed === 'silence')) {
    throw unreachable(target.address, `it is up, but silent to Open Session: ${seen}`)
  }
  return { failed: some('suite or level') ? 'level' : 'suite', seen }
}

function inOrder(first: CipherSuite | undefined): CipherSuite[] {
  return first === undefined ? [...cipherSuites] : [first, ...cipherSuites.filter((suite) => suite !== first)]
}

async function trySuite(target: LoginTarget, proposal: Proposal, settings: IpmiSettings): Promise<Round> {
  let outcome = await shakeHands(target.transport, proposal, settings)
  // One more handshake when the failure may be of our own making, by a retransmit, or the BMC lost the half-open one.
  if (mayBeConfusion(outcome)) outcome = await shakeHands(target.transport, proposal, settings)

  const suiteName = `cipher suite ${proposal.suite.id}`
  switch (outcome.kind) {
    case 'session': {
      const login = { session: outcome.session, suite: proposal.suite, privilege: proposal.privilege }
      if (target.readOnly && wasGranted(target, proposal)) return { ...login, raised: false }
      const reply = await raisePrivilege(login.session, proposal.privilege, settings)
      if (reply?.completionCode === completion.ok) return { ...login, raised: true }
      return giveUp(target.address, login.session, reply)
    }
    case 'silent': {
      if (!(await answersSessionless(target.transport, settings))) {
        throw unreachable(target.address, `silence to ${outcome.at} and to a sessionless probe`)
      }
      if (outcome.at === 'Open Session') return { failed: 'silence', seen: `silence to ${suiteName}` }
      throw unreachable(target.address, `it is up, but went silent at ${outcome.at} of the login`)
    }
    case 'wrong-password':
      throw wrongPassword(target.address, 'its RAKP 2 is keyed with another password')
    case 'wrong-kg':
      throw authFailed(
        target.address,
        'its RAKP 4 does not match, so its K_g key is not the configured one',
        'Give the K_g key that is set on the BMC, in hexadecimal, or none if it has none.',
      )
    case 'refused':
      return judgeRefusal(target.address, outcome.status, suiteName)
  }
}

function mayBeConfusion(outcome: HandshakeOutcome): boolean {
  return outcome.kind === 'refused' && (outcome.repeated || loginStatus(outcome.status).refusal === 'lost')
}

function judgeRefusal(address: string, status: number, suiteName: string): Round {
  const seen = `${loginStatusText(status)} at ${suiteName}`
  const { refusal } = loginStatus(status)
  switch (refusal) {
    case 'full':
    case 'suite':
      return { failed: refusal, seen }
    case 'level':
      return { failed: 'suite or level', seen }
    case 'user':
      throw authFailed(
        address,
        seen,
        'Check the user name, and that the user is enabled for the LAN channel.',
      )
    case 'password':
      throw wrongPassword(address, seen)
    case 'lost':
      throw unreachable(address, `it lost the half-open session twice, ${seen}`)
  }
}

function wrongPassword(address: string, seen: string) {
  return authFailed(address, seen, 'Check the user name and the password of the BMC user.')
}

function wasGranted({ remembered }: LoginTarget, proposal: Proposal): boolean {
  return (
    remembered?.privilege === proposal.privilege &&
    sameCredentials(remembered.credentials, proposal.credentials)
  )
}

const setPrivilege = 'Set Session Privilege Level'

/**
 * A session starts at USER, whatever was asked in Open Session (IPMI 2.0 §22.18). Undefined: silence. A busy BMC is
 * asked again.
 */
export async function raisePrivilege(
  session: Session,
  level: Privilege,
  settings: IpmiSettings,
): Promise<Reply | undefined> {
  const command: Command = { name: setPrivilege, netFn: 0x06, number: 0x3b, data: Buffer.from([level]) }
  let wait = settings.retransmitMs
  for (let attempt = 1; ; attempt += 1) {
    const reply = await session.request(command, { retransmit: true })
    if (reply === undefined || !isRetryable(reply.completionCode) || attempt === privilegeTries) return reply
    await pause(settings.clock, wait)
    wait *= 2
  }
}

/** Ends the session that did not get its level, and says what that means for the login. */
async function giveUp(address: string, session: Session, reply: Reply | undefined): Promise<Round> {
  if (reply === undefined) {
    session.abandon()
    throw unreachable(address, `it logged us in, but went silent at ${setPrivilege}`)
  }
  await session.close()
  const code = reply.completionCode
  // 80h: not available for this user; 81h: above the limit of user or channel (§22.18).
  if (code !== 0x80 && code !== 0x81) throw refused(address, setPrivilege, code)
  return { failed: 'level', seen: `${setPrivilege} answered ${completionText(code)}` }
}

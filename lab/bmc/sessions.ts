import type { Exchange } from './rakp.ts'
import { SequenceWindow } from './sequence-window.ts'
import type { SessionKeys, Suite } from './suites.ts'

/** IPMI 2.0 table 6-3; a number, because levels are compared. */
export const PRIVILEGE = { callback: 1, user: 2, operator: 3, administrator: 4 } as const

export type Phase =
  | { kind: 'opened' }
  | { kind: 'challenged'; exchange: Exchange; limit: number }
  | ActivePhase

export interface ActivePhase {
  kind: 'active'
  keys: SessionKeys
  /** Level that commands run with now, and the highest that Set Session Privilege Level gives. */
  privilege: number
  limit: number
  inbound: SequenceWindow
  /** Sequence number of the last packet sent. */
  outbound: number
}

export interface Session {
  readonly bmcId: number
  readonly consoleId: number
  /** Address and port of the console that opened it. */
  readonly from: string
  readonly suite: Suite
  phase: Phase
  /** Lets a retransmitted handshake packet have the same reply again: its own was lost. */
  lastHandshake: { request: Buffer; reply: Buffer } | null
  /** Milliseconds of the table's clock. */
  lastHeard: number
}

export function activate(keys: SessionKeys, limit: number): ActivePhase {
  return {
    kind: 'active',
    keys,
    // Every session starts as USER at most (IPMI 2.0 §22.18).
    privilege: Math.min(limit, PRIVILEGE.user),
    limit,
    inbound: new SequenceWindow(),
    outbound: 0,
  }
}

export interface SessionLimits {
  /** Sessions at a time, half-open ones included. */
  sessions: number
  /** Silence after which an active session is gone, without a word to the console. */
  inactivityMs: number
  /** The same for one that has not finished its handshake. */
  setupMs: number
}

/** The first byte of a handshake message is its tag, which a console may change when it repeats the message. */
export function sameButTag(a: Buffer, b: Buffer): boolean {
  return a.subarray(1).equals(b.subarray(1))
}

/** The BMC's sessions. Expired ones go when anybody looks, so that no timer is needed. */
export class SessionTable {
  private readonly sessions = new Map<number, Session>()
  private readonly limits: SessionLimits
  private readonly now: () => number
  private readonly random: (bytes: number) => Buffer

  constructor(limits: SessionLimits, now: () => number, random: (bytes: number) => Buffer) {
    this.limits = limits
    this.now = now
    this.random = random
  }

  /** Null: no slot is free. */
  open(consoleId: number, from: string, suite: Suite): Session | null {
    this.expire()
    if (this.sessions.size >= this.limits.sessions) return null
    let bmcId = 0
    while (bmcId === 0 || this.sessions.has(bmcId)) bmcId = this.random(4).readUInt32LE(0)
    const session: Session = {
      bmcId,
      consoleId,
      from,
      suite,
      phase: { kind: 'opened' },
      lastHandshake: null,
      lastHeard: this.now(),
    }
    this.sessions.set(bmcId, session)
    return session
  }

  find(bmcId: number): Session | undefined {
    this.expire()
    return this.sessions.get(bmcId)
  }

  /** The session that this very Open Session Request has opened before. */
  findOpenedBy(request: Buffer, from: string): Session | undefined {
    this.expire()
    for (const session of this.sessions.values()) {
      if (session.phase.kind !== 'opened' || session.from !== from) continue
      if (session.lastHandshake && sameButTag(session.lastHandshake.request, request)) return session
    }
    return undefined
  }

  touch(session: Session): void {
    session.lastHeard = this.now()
  }

  close(bmcId: number): void {
    this.sessions.delete(bmcId)
  }

  get size(): number {
    this.expire()
    return this.sessions.size
  }

  private expire(): void {
    const now = this.now()
    for (const session of this.sessions.values()) {
      const allowed = session.phase.kind === 'active' ? this.limits.inactivityMs : this.limits.setupMs
      if (now - session.lastHeard > allowed) this.sessions.delete(session.bmcId)
    }
  }
}

import { randomBytes } from 'node:crypto'
import type { Account } from './accounts.ts'

/** As on many boards; leaked ones lock everybody out. */
const SESSION_LIMIT = 8
export const TIMEOUT_S = { min: 30, max: 86_400 } as const

export interface Session {
  readonly id: string
  readonly token: string
  readonly account: Account
  /** Milliseconds since 1970. */
  readonly created: number
  /** Milliseconds of the steady clock. */
  lastUsed: number
}

/** Login sessions; those that are not used for too long are forgotten. */
export class Sessions {
  timeoutS = 1_800
  private readonly sessions = new Map<string, Session>()
  private readonly now: () => number
  private lastId = 0

  constructor(now: () => number) {
    this.now = now
  }

  /** Null: there are too many, of which others hold `taken`. */
  open(account: Account, created: number, taken: number): Session | null {
    if (this.all().length + taken >= SESSION_LIMIT) return null
    this.lastId += 1
    const token = randomBytes(24).toString('hex')
    const session = { id: String(this.lastId), token, account, created, lastUsed: this.now() }
    this.sessions.set(session.id, session)
    return session
  }

  all(): Session[] {
    const oldest = this.now() - this.timeoutS * 1_000
    for (const session of this.sessions.values())
      if (session.lastUsed < oldest) this.sessions.delete(session.id)
    return [...this.sessions.values()]
  }

  find(id: string): Session | undefined {
    return this.all().find((session) => session.id === id)
  }

  /** The session of a token, which counts as used. */
  use(token: string): Session | null {
    const session = this.all().find((one) => one.token === token)
    if (session === undefined) return null
    session.lastUsed = this.now()
    return session
  }

  close(id: string): void {
    this.sessions.delete(id)
  }

  clear(): void {
    this.sessions.clear()
  }
}

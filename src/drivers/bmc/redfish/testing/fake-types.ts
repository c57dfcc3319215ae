import type { certificates } from './certificates.ts'
import type { FakeMachine } from './fake-machine.ts'

/** A request as it came. */
export interface Seen {
  method: string
  path: string
  headers: Record<string, string>
  // biome-ignore lint/suspicious/noExplicitAny: a test reads whatever was sent
  body: any
}

export interface Reply {
  status: number
  headers?: Record<string, string>
  body?: unknown
  /** The answer never comes: the connection is cut in its place. */
  lost?: boolean
  delayMs?: number
}

export interface FakeBmcOptions {
  /** No SessionService: Basic alone. */
  basicOnly?: boolean
  mostSessions?: number
  certificate?: keyof typeof certificates
  /** 127.0.0.1 if absent. */
  host?: string
  port?: number
}

/**
 * A BMC with a machine behind it, over real HTTPS: for the client's tests, and sharing no line with it. A test bends it
 * by `answer`, which sees each request first.
 */
export interface FakeBmc {
  address: string
  fingerprint: string
  machine: FakeMachine
  options: FakeBmcOptions
  /** Every request, in order. */
  seen: Seen[]
  /** Tokens by session URI. */
  sessions: Map<string, string>
  /** Requests that were being served at one time, at most. */
  mostAtOnce(): number
  connections(): number
  /** A test's own answer in place of the usual one; undefined leaves it to that. `usual` does what was asked. */
  answer: (ask: Seen, usual: () => Reply) => Reply | undefined
  stop(): Promise<void>
}

export const user = { username: 'admin', password: 'correct horse' }

export function problem(id: string, text: string): unknown {
  return { error: { code: id, message: text, '@Message.ExtendedInfo': [{ MessageId: id, Message: text }] } }
}

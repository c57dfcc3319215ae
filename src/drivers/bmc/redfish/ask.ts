import type { IncomingHttpHeaders } from 'node:http'
import type { HostLease } from '../../../domain/lease.ts'

/** A request to a BMC. */
export interface Ask {
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  path: string
  /** As in "asked to …", for messages. */
  what: string
  body?: unknown
  headers?: Record<string, string>
  /** Proven right before it is sent; every change of the host needs one. */
  lease?: HostLease
}

export interface Answer {
  status: number
  headers: IncomingHttpHeaders
  /** Undefined: no body, or none that is JSON. */
  json: unknown
  /** Where the answer came from, redirects followed. */
  path: string
}

export interface BmcLogin {
  username: string
  password: string
}

/** Seconds; a date counts as absent, and nobody waits longer than 30. */
export function retryAfter(headers: IncomingHttpHeaders, otherwise: number): number {
  const seconds = Number(headers['retry-after'] ?? Number.NaN)
  return Number.isFinite(seconds) && seconds >= 0 ? Math.min(seconds, 30) : otherwise
}

import type { IncomingMessage } from 'node:http'
import { STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import { FerruleError } from '../domain/errors.ts'
import type { Log } from '../telemetry/log.ts'
import { toProblem } from './problems.ts'

/** The answer to a WebSocket's handshake that is refused: a problem like every other, on the bare connection. */
export function refuseUpgrade(log: Log, error: unknown, request: IncomingMessage, socket: Duplex): void {
  if (!(error instanceof FerruleError))
    log('error', 'a WebSocket met an unexpected error', {
      error: error instanceof Error ? (error.stack ?? error.message) : String(error),
    })
  const known =
    error instanceof FerruleError
      ? error
      : new FerruleError('internal', 'an unexpected error', 'Look into the log, and report it.')
  const path = (request.url ?? '/').split('?')[0] ?? '/'
  const body = JSON.stringify(toProblem(known, path))
  if (socket.destroyed) return
  socket.end(
    [
      `HTTP/1.1 ${known.status} ${STATUS_CODES[known.status] ?? ''}`,
      'Content-Type: application/problem+json',
      `Content-Length: ${Buffer.byteLength(body)}`,
      ...(known.status === 401 ? ['WWW-Authenticate: Bearer'] : []),
      'Connection: close',
      '',
      body,
    ].join('\r\n'),
  )
}

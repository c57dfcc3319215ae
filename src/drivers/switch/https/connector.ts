import type { TLSSocket } from 'node:tls'
import { buildConnector } from 'undici'
import type { HttpTarget } from './target.ts'

/** It showed another certificate than the pinned one. */
export class WrongCertificate extends Error {}

/**
 * Dials, and hands over only a socket whose other end has shown what the rack file demands; until then nothing of ours
 * is sent. A pin names one certificate, whoever signed it. With an authority alone the chain must end there and the
 * certificate must name the address: else one switch of that authority could stand in another's place.
 */
export function trustedConnector(target: HttpTarget, connectMs: number): buildConnector.connector {
  const dial = buildConnector({
    timeout: connectMs,
    // A resumed session would show no certificate.
    maxCachedSessions: 0,
    allowH2: false,
    minVersion: 'TLSv1.2',
    rejectUnauthorized: target.ca !== null,
    ...(target.ca === null ? {} : { ca: target.ca, allowPartialTrustChain: true }),
    ...(target.pin === null ? {} : { checkServerIdentity: () => undefined }),
  })
  return (options, callback) => {
    dial(options, (...result) => {
      const [error, socket] = result
      if (error !== null) return callback(error, null)
      const seen = 'getPeerX509Certificate' in socket ? fingerprintOf(socket) : null
      if (target.pin === null || seen === target.pin) return callback(null, socket)
      socket.destroy()
      callback(
        new WrongCertificate(
          `the SHA-256 fingerprint of its certificate is ${seen ?? 'unknown'} and not ${target.pin}`,
        ),
        null,
      )
    })
  }
}

function fingerprintOf(socket: TLSSocket): string | null {
  const shown = socket.getPeerX509Certificate()?.fingerprint256
  return shown === undefined ? null : shown.replaceAll(':', '').toLowerCase()
}

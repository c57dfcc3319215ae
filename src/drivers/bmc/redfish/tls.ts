import { isIP } from 'node:net'
import { connect, type TLSSocket } from 'node:tls'
import { FerruleError } from '../../../domain/errors.ts'
import type { RedfishAddress } from './address.ts'

/** Whom we expect at the other end. */
export interface TrustedBmc {
  address: RedfishAddress
  /** SHA-256 of the certificate that a person has trusted: hex, lower case, without colons. */
  fingerprint: string | undefined
  /** For messages: the name of the host, if it is known. */
  host: string | undefined
}

/** No connection was made, so nothing was asked. */
export class NotConnected extends Error {}

/**
 * A TLS connection whose certificate is the trusted one; nothing of ours has been sent on it yet. BMCs come with a
 * certificate that they have signed themselves, so it is one certificate that is trusted, and not its issuer. Without
 * a fingerprint, a chain to a known authority for this name does as well.
 *
 * @throws NotConnected, or FerruleError bmc-untrusted
 */
export function connectTrusted(bmc: TrustedBmc, connectMs: number): Promise<TLSSocket> {
  const { host, port } = bmc.address
  return new Promise((resolve, reject) => {
    const socket = connect({
      host,
      port,
      // Judged below, before anything is sent.
      rejectUnauthorized: false,
      minVersion: 'TLSv1.2',
      ...(isIP(host) === 0 ? { servername: host } : {}),
    })
    const fail = (reason: Error) => {
      clearTimeout(timer)
      socket.destroy()
      reject(reason)
    }
    const timer = setTimeout(
      () => fail(new NotConnected(`no TLS connection within ${connectMs / 1000} s`)),
      connectMs,
    )
    // Stays: the socket may break before its user listens.
    socket.on('error', (error) => fail(new NotConnected(error.message || 'the connection failed')))
    socket.once('secureConnect', () => {
      const untrusted = judge(bmc, socket)
      if (untrusted) return fail(untrusted)
      clearTimeout(timer)
      resolve(socket)
    })
  })
}

function judge(bmc: TrustedBmc, socket: TLSSocket): FerruleError | null {
  const seen = socket.getPeerX509Certificate()?.fingerprint256.replaceAll(':', '').toLowerCase() ?? ''
  if (bmc.fingerprint === undefined)
    return socket.authorized ? null : neverTrusted(bmc, seen, String(socket.authorizationError))
  return seen === bmc.fingerprint ? null : changed(bmc, bmc.fingerprint, seen)
}

function neverTrusted(bmc: TrustedBmc, seen: string, reason: string): FerruleError {
  return new FerruleError(
    'bmc-untrusted',
    `Nobody has trusted the certificate of BMC ${bmc.address.key} yet: its SHA-256 fingerprint is ${seen} (${reason}). Nothing was sent to it.`,
    `Compare the fingerprint with what the BMC itself shows, then: ferrule host trust ${bmc.host ?? 'HOST'} ${seen} (or, for a host that is being added, ferrule host add … --bmc-fingerprint ${seen}).`,
    { address: bmc.address.key, fingerprint: seen },
  )
}

function changed(bmc: TrustedBmc, trusted: string, seen: string): FerruleError {
  return new FerruleError(
    'bmc-untrusted',
    `THE CERTIFICATE OF BMC ${bmc.address.key} HAS CHANGED: ${trusted} was trusted, and it now shows ${seen}. Either it got a new one, or somebody stands between. Nothing was sent to it.`,
    `Do not trust it from here: read the fingerprint on the BMC itself, and only if it is the same: ferrule host trust ${bmc.host ?? 'HOST'} ${seen}.`,
    { address: bmc.address.key, fingerprint: seen, trusted },
  )
}

import type { X509Certificate } from 'node:crypto'
import { connect, createSecureContext, type TLSSocket } from 'node:tls'
import { ChannelCredentials } from '@grpc/grpc-js'
import type { HttpTarget } from '../../https/target.ts'
import { unreachable, untrusted } from '../errors.ts'

/**
 * Credentials with which a channel speaks only to what the rack file demands. A pin names one certificate, whoever signed
 * it; the channel's library believes authorities alone, so the certificate that was seen and compared becomes the only one
 * of this channel. Without pin and authority, because a person said so, that is whichever it shows first.
 * @throws switch-unreachable, switch-auth
 */
export async function credentialsFor(target: HttpTarget, connectMs: number): Promise<ChannelCredentials> {
  const { pin, ca, address } = target
  if (ca !== null && pin === null) {
    return ChannelCredentials.createFromSecureContext(
      createSecureContext({ ca, minVersion: 'TLSv1.2', allowPartialTrustChain: true }),
    )
  }
  const shown = await shownCertificate(target, connectMs)
  const seen = plain(shown.fingerprint256)
  if (pin !== null && seen !== pin) throw untrusted(address, 'a certificate', shown.fingerprint256)
  const context = createSecureContext({
    ca: shown.toString(),
    minVersion: 'TLSv1.2',
    allowPartialTrustChain: true,
  })
  return ChannelCredentials.createFromSecureContext(context, {
    checkServerIdentity: (_host, certificate) =>
      plain(certificate.fingerprint256) === seen ? undefined : new Error(WRONG_CERTIFICATE),
  })
}

export const WRONG_CERTIFICATE = 'it shows another certificate than before'

function shownCertificate(target: HttpTarget, connectMs: number): Promise<X509Certificate> {
  const { hostname, port } = new URL(target.origin)
  const host = hostname.replace(/^\[|\]$/g, '')
  return new Promise((resolve, reject) => {
    const socket: TLSSocket = connect({
      host,
      // the default port of the scheme is left out of an origin
      port: Number(port || 443),
      ALPNProtocols: ['h2'],
      minVersion: 'TLSv1.2',
      // Judged by the caller; nothing is sent over this connection.
      rejectUnauthorized: false,
    })
    const fail = (seen: string) => {
      socket.destroy()
      reject(unreachable(target.address, seen))
    }
    const late = setTimeout(() => fail(`no connection within ${connectMs / 1000} s`), connectMs)
    socket.once('close', () => clearTimeout(late))
    socket.once('error', (error) => fail(error.message || 'the connection failed'))
    socket.once('secureConnect', () => {
      const shown = socket.getPeerX509Certificate()
      socket.destroy()
      if (shown) resolve(shown)
      else fail('it shows no certificate')
    })
  })
}

function plain(fingerprint: string): string {
  return fingerprint.replaceAll(':', '').toLowerCase()
}

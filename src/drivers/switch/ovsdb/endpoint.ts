import { createPrivateKey, X509Certificate } from 'node:crypto'
import { FerruleError } from '../../../domain/errors.ts'
import { splitAddress } from '../address.ts'
import type { SwitchEndpoint } from '../types.ts'

/** IANA's port of OVSDB (RFC 7047 §7). */
const DEFAULT_PORT = 6640

/** The rack file's password of a switch that is spoken to in the clear, on a network that is trusted. */
export const PLAIN = 'none'

export interface OvsdbTarget {
  /** As in the rack file: for messages. */
  address: string
  host: string
  port: number
  /** Null: TCP in the clear. */
  tls: TlsCredentials | null
}

export interface TlsCredentials {
  key: string
  certificate: string
  /** Whom we trust: the switch's authority, or the very certificate of the switch. */
  trusted: string[]
}

/**
 * OVSDB knows no users: who may connect may write. So the password of the rack file is either the word "none", or PEM:
 * our private key and its certificate, and the certificates that the switch must show or be signed by.
 * @throws invalid-input, so that a damaged file never becomes a connection in the clear
 */
export function ovsdbTarget(endpoint: SwitchEndpoint): OvsdbTarget {
  const { host, port } = splitAddress(endpoint.address, DEFAULT_PORT)
  const tls = endpoint.password === PLAIN ? null : tlsCredentials(endpoint)
  return { address: endpoint.address, host, port, tls }
}

function tlsCredentials({ address, password }: SwitchEndpoint): TlsCredentials {
  const blocks = password.match(/-----BEGIN ([A-Z0-9 ]+)-----[\s\S]*?-----END \1-----/g) ?? []
  const key = blocks.find((block) => block.includes('PRIVATE KEY'))
  const certificates = blocks.filter((block) => block.startsWith('-----BEGIN CERTIFICATE'))
  try {
    if (key === undefined) throw new Error('no private key')
    const privateKey = createPrivateKey(key)
    const ours = (block: string) => new X509Certificate(block).checkPrivateKey(privateKey)
    const certificate = certificates.find(ours)
    const trusted = certificates.filter((block) => !ours(block))
    if (certificate !== undefined && trusted.length > 0) return { key, certificate, trusted }
  } catch {
    // told below; the library's words may quote the file
  }
  throw new FerruleError(
    'invalid-input',
    `The password of switch ${address} is neither "${PLAIN}" nor a PEM file for TLS`,
    'A PEM file holds a private key, its certificate, and the certificate of the switch or of its authority.',
    { address },
  )
}

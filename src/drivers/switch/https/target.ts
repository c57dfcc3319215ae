import { X509Certificate } from 'node:crypto'
import { FerruleError } from '../../../domain/errors.ts'
import { splitAddress } from '../address.ts'
import type { SwitchEndpoint } from '../types.ts'

/** Where a family of switches listens. */
export interface HttpFamily {
  httpsPort: number
  /** Null: the family serves nothing in clear text. */
  httpPort: number | null
}

export interface HttpTarget {
  /** As in the rack file: for messages. */
  address: string
  origin: string
  clear: boolean
  /** SHA-256 of the certificate that it must show: hex, lower case, without colons. */
  pin: string | null
  /** PEM of whom we believe. */
  ca: string | null
}

/** What is wrong with an endpoint, in words for the person who wrote the rack file. */
export function targetFaults(endpoint: SwitchEndpoint, family: HttpFamily): string[] {
  const { fingerprint, ca, insecure = false } = endpoint
  const faults: string[] = []
  const place = placeOf(endpoint.address, family)
  if (place === null) {
    faults.push(`"${endpoint.address}" is no address of a switch: write HOST, HOST:PORT or https://HOST:PORT`)
  }
  if (fingerprint !== undefined && pinOf(fingerprint) === null) {
    faults.push(
      'fingerprint is not the SHA-256 of a certificate: 32 hex pairs, as openssl x509 -noout -fingerprint -sha256 prints them',
    )
  }
  if (ca !== undefined && !isPem(ca)) faults.push('ca is not a certificate in PEM')
  const known = fingerprint !== undefined || ca !== undefined
  if (place?.clear) {
    if (family.httpPort === null) faults.push('this type of switch has no HTTP without TLS')
    if (known)
      faults.push('an http:// address shows no certificate: remove fingerprint and ca, or write https://')
    if (!insecure) faults.push('an http:// address sends the password in clear text and needs insecure: true')
  } else if (!known && !insecure) {
    faults.push(
      'nothing says which certificate it must show: give fingerprint or ca (or accept anybody at its address with insecure: true)',
    )
  }
  return faults
}

/** @throws invalid-input */
export function httpTarget(endpoint: SwitchEndpoint, family: HttpFamily): HttpTarget {
  const [fault] = targetFaults(endpoint, family)
  const place = placeOf(endpoint.address, family)
  if (fault !== undefined || place === null) {
    throw new FerruleError(
      'invalid-input',
      `Switch ${endpoint.address} cannot be opened: ${fault}`,
      'Correct the entry l2Switch in the rack file and apply it again.',
      { address: endpoint.address },
    )
  }
  return {
    address: endpoint.address,
    ...place,
    pin: endpoint.fingerprint === undefined ? null : pinOf(endpoint.fingerprint),
    ca: endpoint.ca ?? null,
  }
}

function placeOf(address: string, family: HttpFamily): { origin: string; clear: boolean } | null {
  const match = /^(?:(https?):\/\/)?([^\s/?#@]+)\/?$/i.exec(address.trim())
  if (!match?.[2]) return null
  const clear = match[1]?.toLowerCase() === 'http'
  const { host, port } = splitAddress(match[2], clear ? (family.httpPort ?? 80) : family.httpsPort)
  if (!Number.isInteger(port) || port < 1 || port > 65_535) return null
  const origin = `${clear ? 'http' : 'https'}://${host.includes(':') ? `[${host}]` : host}:${port}`
  return URL.canParse(origin) ? { origin, clear } : null
}

function pinOf(fingerprint: string): string | null {
  const hex = fingerprint.trim().replaceAll(':', '').toLowerCase()
  return /^[0-9a-f]{64}$/.test(hex) ? hex : null
}

function isPem(text: string): boolean {
  try {
    return new X509Certificate(text).subject !== undefined
  } catch {
    return false
  }
}

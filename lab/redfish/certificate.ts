import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto'

/** A key and the certificate that it signed for itself, both in PEM. */
export interface Identity {
  key: string
  certificate: string
  /** SHA-256 of the certificate, as openssl prints it: upper-case hex with colons. */
  fingerprint: string
}

const YEAR_MS = 365 * 86_400_000

/**
 * What a management controller makes for itself when it is switched on for the first time: an X.509 v3 certificate for
 * an IP address, ECDSA on P-256, valid for ten years. (node:crypto reads certificates and does not write them.)
 */
export function selfSigned(address: string, now: number): Identity {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const name = sequence(set(sequence(oid(COMMON_NAME), der(0x0c, Buffer.from(address)))))
  const body = sequence(
    der(0xa0, integer(Buffer.from([2]))), // version 3
    integer(Buffer.concat([Buffer.from([1]), randomBytes(15)])),
    ECDSA_SHA256,
    name,
    sequence(time(now - 86_400_000), time(now + 10 * YEAR_MS)),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(basicConstraints(), subjectAltName(address))),
  )
  const signature = sign('sha256', body, privateKey)
  const whole = sequence(body, ECDSA_SHA256, bitString(signature))
  const base64 = whole.toString('base64').replaceAll(/.{64}/g, '$&\n').trimEnd()
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    certificate: `-----BEGIN CERTIFICATE-----\n${base64}\n-----END CERTIFICATE-----\n`,
    fingerprint: colons(createHash('sha256').update(whole).digest('hex')),
  }
}

/** Object identifiers in their DER bodies (RFC 5280, RFC 5758). */
const COMMON_NAME = '550403'
const ECDSA_SHA256 = sequence(oid('2a8648ce3d040302'))
const BASIC_CONSTRAINTS = '551d13'
const SUBJECT_ALT_NAME = '551d11'
const IP_ADDRESS = 0x87

function der(tag: number, ...parts: Buffer[]): Buffer {
  const content = Buffer.concat(parts)
  if (content.length < 0x80) return Buffer.concat([Buffer.from([tag, content.length]), content])
  const length = Buffer.from([content.length >> 8, content.length & 0xff])
  return Buffer.concat([Buffer.from([tag, 0x82]), length, content])
}

function sequence(...parts: Buffer[]): Buffer {
  return der(0x30, ...parts)
}

function set(...parts: Buffer[]): Buffer {
  return der(0x31, ...parts)
}

function oid(hex: string): Buffer {
  return der(0x06, Buffer.from(hex, 'hex'))
}

/** The first bit must not be set: that would be a negative number. */
function integer(bytes: Buffer): Buffer {
  return der(0x02, bytes)
}

function bitString(bytes: Buffer): Buffer {
  return der(0x03, Buffer.from([0]), bytes)
}

/** GeneralizedTime, which has no century to guess. */
function time(at: number): Buffer {
  const digits = new Date(at).toISOString().replaceAll(/[-:T]|\.\d+/g, '')
  return der(0x18, Buffer.from(digits))
}

/** Not an authority, and that is critical. */
function basicConstraints(): Buffer {
  return sequence(oid(BASIC_CONSTRAINTS), der(0x01, Buffer.from([0xff])), der(0x04, sequence()))
}

function subjectAltName(address: string): Buffer {
  const ip = der(IP_ADDRESS, Buffer.from(address.split('.').map(Number)))
  return sequence(oid(SUBJECT_ALT_NAME), der(0x04, sequence(ip)))
}

function colons(hex: string): string {
  return hex.toUpperCase().match(/../g)?.join(':') ?? ''
}

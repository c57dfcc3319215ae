import { createHash, createPrivateKey, createPublicKey } from 'node:crypto'

export interface HostKey {
  /** As OpenSSH keeps it in a file. */
  private: string
  /** SHA-256 as `ssh-keygen -l` prints it. */
  fingerprint: string
}

/** PKCS#8 of an Ed25519 key before its 32 bytes (RFC 8410 §7). */
const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex')
const TYPE = 'ssh-ed25519'
/** Block size of the cipher "none", to which the private part is padded. */
const BLOCK = 8

/** An Ed25519 key, the same for the same words: a lab's BMC keeps its key without having to be remembered. */
export function hostKeyOf(words: string): HostKey {
  const seed = createHash('sha256').update(words).digest()
  const key = createPrivateKey({ key: Buffer.concat([PKCS8, seed]), format: 'der', type: 'pkcs8' })
  const point = createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(-32)
  const blob = Buffer.concat([string(TYPE), string(point)])
  // OpenSSH's PROTOCOL.key: two equal numbers show that it was decrypted well.
  const check = Buffer.alloc(8)
  const secret = Buffer.concat([check, blob, string(Buffer.concat([seed, point])), string('')])
  const padding = Buffer.from(
    Array.from({ length: BLOCK - (secret.length % BLOCK) }, (_, index) => index + 1),
  )
  const file = Buffer.concat([
    Buffer.from('openssh-key-v1\0'),
    ...[string('none'), string('none'), string(''), number(1), string(blob)],
    string(Buffer.concat([secret, padding])),
  ])
  const base64 = file.toString('base64').replaceAll(/.{70}/g, '$&\n').trimEnd()
  return {
    private: `-----BEGIN OPENSSH PRIVATE KEY-----\n${base64}\n-----END OPENSSH PRIVATE KEY-----\n`,
    fingerprint: `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`,
  }
}

function number(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

function string(value: string | Buffer): Buffer {
  const bytes = Buffer.from(value)
  return Buffer.concat([number(bytes.length), bytes])
}

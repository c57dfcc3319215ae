import { createHash } from 'node:crypto'
import { FerruleError } from '../../../domain/errors.ts'
import type { SshTarget } from './target.ts'

/** As `ssh-keygen -l` prints it: SHA-256 of the key's wire form, in base64 without padding. */
export function fingerprintOf(key: Buffer): string {
  return `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`
}

/** Is this the key that a person has trusted? Judged before the login, so that nobody else is told the password. */
export function judgeHostKey(target: SshTarget, key: Buffer): FerruleError | null {
  const seen = fingerprintOf(key)
  if (target.fingerprint === undefined) return neverTrusted(target, seen, typeOf(key))
  return seen === target.fingerprint ? null : changed(target, target.fingerprint, seen, typeOf(key))
}

/** The name of its algorithm, which comes first in the wire form (RFC 4253 §6.6). */
function typeOf(key: Buffer): string {
  const length = key.length >= 4 ? key.readUInt32BE(0) : 0
  return key.toString('latin1', 4, 4 + Math.min(length, 64)).replace(/[^\w@.-]/g, '?')
}

function neverTrusted(target: SshTarget, seen: string, type: string): FerruleError {
  return new FerruleError(
    'bmc-untrusted',
    `Nobody has trusted the SSH host key of BMC ${target.key} yet: its fingerprint is ${seen} (${type}). No login was sent to it.`,
    `Compare the fingerprint with what the BMC itself shows, then: ferrule host set-bmc ${target.name ?? 'HOST'} --bmc-ssh-fingerprint ${seen}`,
    { address: target.key, sshFingerprint: seen, type },
  )
}

function changed(target: SshTarget, trusted: string, seen: string, type: string): FerruleError {
  return new FerruleError(
    'bmc-untrusted',
    `THE SSH HOST KEY OF BMC ${target.key} IS NOT THE TRUSTED ONE: ${trusted} was trusted, and it now shows ${seen} (${type}). Either it got a new one, or it has several and another one was trusted, or somebody stands between. No login was sent to it.`,
    `Do not trust it from here: read the fingerprint on the BMC itself, and only if it is the same: ferrule host set-bmc ${target.name ?? 'HOST'} --bmc-ssh-fingerprint ${seen}`,
    { address: target.key, sshFingerprint: seen, trusted, type },
  )
}

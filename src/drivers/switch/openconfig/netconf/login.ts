import { createHash } from 'node:crypto'
import type { AnyAuthMethod, AuthenticationType, Client, ClientErrorExtensions } from 'ssh2'
import type { FerruleError } from '../../../../domain/errors.ts'
import { notUnderstood, unauthorised, unreachable, untrusted } from '../errors.ts'
import type { NetconfTarget } from './target.ts'

/**
 * Logs `client` in. The host key is judged first, so that nobody else is told the password; and that goes out once,
 * because switches lock users out.
 * @throws switch-unreachable, switch-auth, switch-refused (what answers there speaks no SSH of ours)
 */
export function logIn(client: Client, target: NetconfTarget, connectMs: number): Promise<void> {
  const { address, host, port, username, fingerprint } = target
  return new Promise((resolve, reject) => {
    let judged: FerruleError | null = null
    client.once('ready', resolve)
    // Stays: a socket may break at any time, and whoever needs to know hears it by "close".
    client.on('error', (error) => reject(judged ?? meaning(address, error)))
    client.once('close', () =>
      reject(judged ?? unreachable(address, 'it closed the connection before the login')),
    )
    client.connect({
      host,
      port,
      username,
      readyTimeout: connectMs,
      keepaliveInterval: 5_000,
      keepaliveCountMax: 3,
      hostVerifier: (key: Buffer) => {
        const seen = fingerprintOf(key)
        if (fingerprint !== null && seen !== fingerprint) judged = untrusted(address, 'an SSH host key', seen)
        return judged === null
      },
      authHandler: once(target),
    })
  })
}

/** As `ssh-keygen -l` prints it: SHA-256 of the key's wire form, in base64 without padding. */
function fingerprintOf(key: Buffer): string {
  return `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`
}

function once({
  username,
  login,
}: NetconfTarget): (left: AuthenticationType[] | null) => AnyAuthMethod | false {
  let sent = false
  return (left) => {
    // Asks what there is (RFC 4252 §5.2).
    if (left === null) return { type: 'none', username }
    if (sent) return false
    sent = true
    if ('privateKey' in login) return { type: 'publickey', username, key: login.privateKey }
    if (left.includes('password')) return { type: 'password', username, password: login.password }
    if (!left.includes('keyboard-interactive')) return false
    return {
      type: 'keyboard-interactive',
      username,
      // One hidden question is the password's; anything else is not known.
      prompt: (_name, _instructions, _lang, prompts, finish) =>
        finish(prompts.length === 1 && prompts[0]?.echo !== true ? [login.password] : prompts.map(() => '')),
    }
  }
}

function meaning(address: string, error: Error & ClientErrorExtensions): FerruleError {
  const said = error.message.replace(/[^\x20-\x7e]/g, '?').slice(0, 200)
  if (error.level === 'client-authentication')
    return unauthorised(address, 'the user name, the password or the key')
  if (error.level === 'handshake' || error.level === 'protocol') return notUnderstood(address, said)
  return unreachable(address, said || 'the connection failed')
}

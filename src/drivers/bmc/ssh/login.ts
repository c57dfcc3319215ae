import type { AnyAuthMethod, AuthenticationType, Client, ClientErrorExtensions } from 'ssh2'
import type { FerruleError } from '../../../domain/errors.ts'
import { authFailed, busy, refused, unreachable } from './errors.ts'
import { judgeHostKey } from './host-key.ts'
import type { SshSettings } from './options.ts'
import { spoken } from './said.ts'
import type { SshTarget } from './target.ts'

/** SSH_DISCONNECT_TOO_MANY_CONNECTIONS (RFC 4253 §11.1). */
const tooManyConnections = 12

/**
 * Logs `client` in. The password goes out once, for BMCs lock users out: in the way that the BMC names first.
 *
 * @throws bmc-untrusted before anything of ours was sent; bmc-unreachable, bmc-auth, bmc-refused, console-busy
 */
export function logIn(client: Client, target: SshTarget, settings: SshSettings): Promise<void> {
  const { host, port, username, password, key } = target
  return new Promise((resolve, reject) => {
    let untrusted: FerruleError | null = null
    client.once('ready', resolve)
    // Stays: a socket may break at any time, and whoever needs to know hears it by "close".
    client.on('error', (error) => reject(untrusted ?? meaning(key, error)))
    client.once('close', () => reject(unreachable(key, 'it closed the connection before the login')))
    client.connect({
      host,
      port,
      username,
      readyTimeout: settings.loginMs,
      keepaliveInterval: settings.keepAliveMs,
      keepaliveCountMax: 3,
      hostVerifier: (hostKey: Buffer) => {
        untrusted = judgeHostKey(target, hostKey)
        return untrusted === null
      },
      authHandler: passwordOnce(username, password),
    })
  })
}

/** What ssh2 is to try next; false: nothing. */
type Way = (left: AuthenticationType[] | null) => AnyAuthMethod | false

function passwordOnce(username: string, password: string): Way {
  let sent = false
  return (left) => {
    // Asks what there is (RFC 4252 §5.2).
    if (left === null) return { type: 'none', username }
    if (sent) return false
    sent = true
    if (left.includes('password')) return { type: 'password', username, password }
    if (!left.includes('keyboard-interactive')) return false
    let answered = false
    return {
      type: 'keyboard-interactive',
      username,
      prompt(_name, _instructions, _lang, prompts, finish) {
        // One hidden question is the password's; anything else is not known.
        const [only] = prompts
        const isPassword = !answered && prompts.length === 1 && only?.echo !== true
        answered = true
        finish(isPassword ? [password] : prompts.map(() => ''))
      },
    }
  }
}

function meaning(address: string, error: Error & ClientErrorExtensions & { code?: unknown }): FerruleError {
  const said = spoken(error.message)
  if (error.level === 'client-authentication') return authFailed(address)
  if (error.code === tooManyConnections) return busy(address, said, false)
  // They have no algorithm in common, or what answers there does not speak SSH.
  if (error.level === 'handshake' || error.level === 'protocol') return refused(address, said)
  return unreachable(address, said || 'the connection failed')
}

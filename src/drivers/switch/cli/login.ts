import { createHash } from 'node:crypto'
import ssh2, {
  type Algorithms,
  type AnyAuthMethod,
  type AuthenticationType,
  type Client,
  type ClientChannel,
  type ClientErrorExtensions,
} from 'ssh2'
import type { FerruleError } from '../../../domain/errors.ts'
import type { SshTarget } from './endpoint.ts'
import { unauthorised, unreachable } from './errors.ts'

/** Lines must not be wrapped before a switch is told not to. */
const terminal = { term: 'vt100', cols: 511, rows: 1_000 }

/** What ssh2 offers by itself, without SHA-1 signatures. */
const algorithms: Algorithms = {
  serverHostKey: { append: [], prepend: [], remove: ['ssh-rsa'] },
  hmac: { append: [], prepend: [], remove: ['hmac-sha1', 'hmac-sha1-etm@openssh.com'] },
}

/** Switches of before 2015 know nothing better. */
const legacyAlgorithms: Algorithms = {
  kex: {
    append: [
      'diffie-hellman-group-exchange-sha1',
      'diffie-hellman-group14-sha1',
      'diffie-hellman-group1-sha1',
    ],
    prepend: [],
    remove: [],
  },
  cipher: { append: ['aes256-cbc', 'aes128-cbc', '3des-cbc'], prepend: [], remove: [] },
  serverHostKey: { append: ['ssh-dss'], prepend: [], remove: [] },
}

/**
 * A terminal on the switch. The host key is judged before anything of ours is sent, and the password goes out once, for
 * switches lock users out.
 * @throws switch-unreachable, switch-auth
 */
export async function openShell(
  target: SshTarget,
  timeoutMs: number,
): Promise<{ client: Client; channel: ClientChannel }> {
  const client = new ssh2.Client()
  try {
    await logIn(client, target, timeoutMs)
    // A command is one small packet, and the next waits for its answer.
    client.setNoDelay(true)
    return { client, channel: await shell(client, target, timeoutMs) }
  } catch (error) {
    client.destroy()
    throw error
  }
}

function logIn(client: Client, target: SshTarget, timeoutMs: number): Promise<void> {
  const { address, host, port, username } = target
  return new Promise((resolve, reject) => {
    let untrusted: FerruleError | null = null
    client.once('ready', resolve)
    // Stays: a socket may break at any time, and whoever needs to know hears it by "close".
    client.on('error', (error) => reject(untrusted ?? meaning(target, error)))
    client.once('close', () => reject(unreachable(address, 'it closed the connection before the login')))
    client.connect({
      host,
      port,
      username,
      readyTimeout: timeoutMs,
      algorithms: target.legacy ? legacyAlgorithms : algorithms,
      hostVerifier: (key: Buffer) => {
        untrusted = judgeHostKey(target, key)
        return untrusted === null
      },
      authHandler: loginOnce(target),
    })
  })
}

function judgeHostKey(target: SshTarget, key: Buffer): FerruleError | null {
  if (target.fingerprint === undefined) return null
  const shown = `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`
  if (shown === target.fingerprint) return null
  return unauthorised(target.address, `its host key is ${shown}, and the rack file says another`, {
    sshFingerprint: shown,
  })
}

/** What ssh2 is to try next; false: nothing. */
type Way = (left: AuthenticationType[] | null) => AnyAuthMethod | false

function loginOnce({ username, login }: SshTarget): Way {
  let sent = false
  return (left) => {
    // Asks what there is (RFC 4252 §5.2).
    if (left === null) return { type: 'none', username }
    if (sent) return false
    sent = true
    if ('privateKey' in login) return { type: 'publickey', username, key: login.privateKey }
    const { password } = login
    if (left.includes('password')) return { type: 'password', username, password }
    if (!left.includes('keyboard-interactive')) return false
    let answered = false
    return {
      type: 'keyboard-interactive',
      username,
      prompt(_name, _instructions, _lang, prompts, finish) {
        // One hidden question is the password's; anything else is not known.
        const isPassword = !answered && prompts.length === 1 && prompts[0]?.echo !== true
        answered = true
        finish(isPassword ? [password] : prompts.map(() => ''))
      },
    }
  }
}

function shell(client: Client, { address }: SshTarget, timeoutMs: number): Promise<ClientChannel> {
  return new Promise((resolve, reject) => {
    const late = setTimeout(
      () => reject(unreachable(address, `no terminal within ${timeoutMs / 1000} s`)),
      timeoutMs,
    )
    client.once('close', () => {
      clearTimeout(late)
      reject(unreachable(address, 'it closed the connection after the login'))
    })
    client.shell(terminal, (error, channel) => {
      clearTimeout(late)
      if (error) reject(unreachable(address, 'it gives no terminal'))
      else resolve(channel)
    })
  })
}

function meaning({ address }: SshTarget, error: Error & ClientErrorExtensions): FerruleError {
  if (error.level === 'client-authentication') {
    return unauthorised(address, 'it does not accept the user with this password or key')
  }
  if (error.level === 'client-timeout') return unreachable(address, 'it did not log us in in time')
  // ssh2 has a level for a connection that ends before the keys are agreed on, too.
  const cut = /^connection lost/i.test(error.message)
  if (!cut && (error.level === 'handshake' || error.level === 'protocol')) {
    return unauthorised(address, `no common way to speak SSH (${error.message.slice(0, 160)})`)
  }
  return unreachable(address, error.message || 'the connection failed')
}

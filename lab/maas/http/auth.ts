import { Refusal } from './answer.ts'

/** piston's OAuth store refuses time stamps further away than this. */
const CLOCK_SKEW_SECONDS = 300

export interface ApiKey {
  consumer: string
  token: string
  secret: string
}

export function parseApiKey(text: string): ApiKey {
  const [consumer, token, secret] = text.split(':')
  if (!consumer || !token || !secret) throw new Error('an API key has the form consumer:token:secret')
  return { consumer, token, secret }
}

/** OAuth 1.0a PLAINTEXT as MAAS checks it; a nonce may be used once. */
export class OAuthGate {
  readonly #key: ApiKey
  readonly #nonces = new Set<string>()

  constructor(key: ApiKey) {
    this.#key = key
  }

  /** Throws MAAS's 401. */
  check(header: string | undefined): void {
    const fields = parseHeader(header ?? '')
    const key = this.#key
    const known =
      fields.get('oauth_consumer_key') === key.consumer &&
      fields.get('oauth_token') === key.token &&
      fields.get('oauth_signature_method') === 'PLAINTEXT' &&
      fields.get('oauth_signature') === `&${key.secret}`
    if (!known) throw unauthorized('Invalid API key.')

    const stamp = Number(fields.get('oauth_timestamp'))
    if (!(Math.abs(Date.now() / 1000 - stamp) <= CLOCK_SKEW_SECONDS)) {
      throw unauthorized('Expired timestamp: given timestamp is too far from the current time.')
    }
    const nonce = `${stamp}/${fields.get('oauth_nonce') ?? ''}`
    if (this.#nonces.has(nonce)) throw unauthorized(`Nonce already used: ${fields.get('oauth_nonce') ?? ''}`)
    this.#nonces.add(nonce)
  }
}

export function unauthorized(reason: string): Refusal {
  return new Refusal(401, 'text/html; charset=utf-8', `Authorization Error: ${reason}`, {
    'WWW-Authenticate': 'OAuth realm="OAuth"',
  })
}

function parseHeader(header: string): Map<string, string> {
  const fields = new Map<string, string>()
  for (const [, key, value] of header.matchAll(/(\w+)="([^"]*)"/g)) {
    if (key !== undefined && value !== undefined) fields.set(key, decodeURIComponent(value))
  }
  return fields
}

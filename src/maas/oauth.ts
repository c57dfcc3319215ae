import { FerruleError } from '../domain/errors.ts'

/** MAAS's API key: three parts, written consumer:token:secret. */
export interface ApiKey {
  consumer: string
  token: string
  secret: string
}

/** Refuses anything but three non-empty parts; the message names the missing part and never shows the key. */
export function parseApiKey(text: string): ApiKey {
  const parts = text.trim().split(':')
  const [consumer = '', token = '', secret = ''] = parts
  const missing = Object.entries({ consumer, token, secret })
    .filter(([, value]) => value === '')
    .map(([name]) => name)
  if (parts.length === 3 && missing.length === 0) return { consumer, token, secret }
  const seen = parts.length > 3 ? `it has ${parts.length} parts` : `it lacks: ${missing.join(', ')}`
  throw new FerruleError(
    'invalid-input',
    `the MAAS API key is not of the form consumer:token:secret (${seen})`,
    'Copy the whole key from MAAS: "maas apikey --username=NAME", or the user\'s page, API keys.',
  )
}

/**
 * OAuth 1.0a with PLAINTEXT (RFC 5849, 3.4.4), which is all that MAAS takes. The consumer secret is empty, so that the
 * signature is `&secret`, percent-encoded. A nonce may be used once, and MAAS refuses clocks more than 300 s off.
 */
export function authorization(key: ApiKey, nonce: string, epochSeconds: number): string {
  const fields = {
    oauth_version: '1.0',
    oauth_signature_method: 'PLAINTEXT',
    oauth_consumer_key: key.consumer,
    oauth_token: key.token,
    oauth_signature: `&${key.secret}`,
    oauth_nonce: nonce,
    oauth_timestamp: String(epochSeconds),
  }
  const listed = Object.entries(fields).map(([name, value]) => `${name}="${encodeURIComponent(value)}"`)
  return `OAuth ${listed.join(', ')}`
}

/** What stands where a secret was. */
export const redacted = '[redacted]'

/** Shorter texts are in every second word and would redact the whole log. */
const shortestSecret = 4

/**
 * Replaces every occurrence of every secret, also as it looks inside JSON, a URL and Base64: devices answer a bad
 * request with a copy of it.
 */
export function redact(text: string, secrets: Iterable<string>): string {
  const forms = [...secrets].filter((secret) => secret.length >= shortestSecret).flatMap(formsOf)
  // The longest first: a secret may begin with another.
  forms.sort((a, b) => b.length - a.length)
  return forms.reduce((rest, form) => rest.replaceAll(form, redacted), text)
}

function formsOf(secret: string): string[] {
  const bytes = Buffer.from(secret, 'utf8')
  const forms = [
    secret,
    JSON.stringify(secret).slice(1, -1),
    encodeURIComponent(secret),
    bytes.toString('base64'),
    bytes.toString('base64url'),
  ]
  return [...new Set(forms)]
}

const secretKeys = [
  'password',
  'bmcPassword',
  'kg',
  'token',
  'secret',
  'apiKey',
  'systemUrl',
  'databaseUrl',
  'authorization',
  'cookie',
  'user_data',
  'userData',
  'power_parameters',
]

/** For pino's `redact`: the names under which secrets travel in our own objects and in HTTP requests. */
export const pinoRedaction = {
  paths: [
    ...secretKeys.flatMap((key) => [key, `*.${key}`, `*.*.${key}`]),
    'req.headers.authorization',
    'res.headers["set-cookie"]',
  ],
  censor: redacted,
}

import { FerruleError } from '../domain/errors.ts'
import { parseEndpoints } from './endpoints.ts'
import { parseApiKey } from './oauth.ts'

export interface MaasSettings {
  /** Base URLs that end in /MAAS, comma-separated: as `createMaas` takes it. */
  url: string
  /** consumer:token:secret */
  key: string
}

const PARTS = {
  maasip: 'MaasIP',
  maaskey: 'MaasKey',
  maassecret: 'MaasSecret',
  maasconsumerkey: 'MaasConsumerKey',
} as const
type Part = keyof typeof PARTS

/**
 * The setting that an operator pastes. Either the one of CloudStack's bare-metal design, in which MaasKey is the
 * token's key, `MaasIP=10.0.0.5;MaasKey=…;MaasSecret=…;MaasConsumerKey=…` (the port defaults to 5240, the path to
 * /MAAS), or a URL and an API key with white space between, `http://10.0.0.5:5240/MAAS consumer:token:secret`.
 * Errors name the part at fault, never its value: it may be the secret.
 */
export function parseMaasSettings(text: string): MaasSettings {
  const trimmed = text.trim()
  return /^https?:\/\//.test(trimmed) ? fromUrlAndKey(trimmed) : fromParts(trimmed)
}

function fromUrlAndKey(text: string): MaasSettings {
  const [url = '', key, ...rest] = text.split(/\s+/)
  if (key === undefined || rest.length > 0) {
    throw new FerruleError(
      'invalid-input',
      `the MAAS setting has ${key === undefined ? 'no API key' : 'more than two parts'}`,
      'Write the URL, a blank, and the API key consumer:token:secret.',
    )
  }
  const { consumer, token, secret } = parseApiKey(key)
  return { url: parseEndpoints(url).join(','), key: `${consumer}:${token}:${secret}` }
}

function fromParts(text: string): MaasSettings {
  const found = new Map<Part, string>()
  for (const item of text.split(';').filter((one) => one.trim() !== '')) {
    const at = item.indexOf('=')
    const name = item.slice(0, Math.max(at, 0)).trim().toLowerCase()
    if (!isPart(name))
      throw fault(at < 0 ? 'a part without "="' : `an unknown part "${item.slice(0, at).trim()}"`)
    if (found.has(name)) throw fault(`${PARTS[name]} twice`)
    found.set(name, item.slice(at + 1).trim())
  }
  const missing = (Object.keys(PARTS) as Part[]).filter((name) => !found.get(name)).map((name) => PARTS[name])
  if (missing.length > 0) throw fault(`no ${missing.join(', no ')}`)
  const [consumer = '', token = '', secret = '', ip = ''] = (
    ['maasconsumerkey', 'maaskey', 'maassecret', 'maasip'] as const
  ).map((name) => found.get(name))
  const withColon = (['maaskey', 'maassecret', 'maasconsumerkey'] as const).find((name) =>
    found.get(name)?.includes(':'),
  )
  if (withColon) throw fault(`a ":" in ${PARTS[withColon]}: each of the three keys has its own part`)
  return {
    url: parseEndpoints(/^https?:\/\//.test(ip) ? ip : `http://${ip}`).join(','),
    key: `${consumer}:${token}:${secret}`,
  }
}

function isPart(name: string): name is Part {
  return name in PARTS
}

function fault(seen: string): FerruleError {
  return new FerruleError(
    'invalid-input',
    `the MAAS setting has ${seen}`,
    'Write MaasIP=…;MaasKey=…;MaasSecret=…;MaasConsumerKey=…, or a URL and an API key.',
  )
}

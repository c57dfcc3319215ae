import { FerruleError } from '../domain/errors.ts'

const DEFAULT_PORT = '5240'
const REMEDY =
  'Write it like http://maas.example:5240/MAAS; several region controllers are separated by commas.'

/**
 * The region controllers of one MAAS, as base URLs that end in `/MAAS`. Accepts `http(s)://host:5240/MAAS[/]`, without
 * the path too, and a comma-separated list: whole URLs, or further hosts that share the first one's scheme and path.
 */
export function parseEndpoints(text: string): string[] {
  const items = text.split(',').map((item) => item.trim())
  const first = items[0] ?? ''
  const scheme = /^(https?):\/\//.exec(first)?.[1]
  if (!scheme)
    throw new FerruleError(
      'invalid-input',
      `the MAAS URL "${first}" does not begin with http:// or https://`,
      REMEDY,
    )
  const path = new URL(baseUrl(first)).pathname
  return items.map((item) =>
    baseUrl(/^https?:\/\//.test(item) ? item : `${scheme}://${item}${hasPath(item) ? '' : path}`),
  )
}

function hasPath(host: string): boolean {
  return host.includes('/')
}

function baseUrl(text: string): string {
  const url = parsed(text)
  if (url.username || url.password) {
    throw new FerruleError(
      'invalid-input',
      'the MAAS URL carries a user name or a password',
      'Leave them out: the API key is its own setting.',
    )
  }
  const hasPort = /^https?:\/\/(\[[^\]]*\]|[^/:]+):\d/.test(text)
  if (!hasPort && url.protocol === 'http:') url.port = DEFAULT_PORT
  const path = url.pathname.replace(/\/api\/2\.0\/?$/, '').replace(/\/+$/, '')
  return `${url.protocol}//${url.host}${path === '' ? '/MAAS' : path}`
}

function parsed(text: string): URL {
  try {
    return new URL(text)
  } catch {
    throw new FerruleError('invalid-input', `"${text.replace(/\/\/[^/@]*@/, '//')}" is not a URL`, REMEDY)
  }
}

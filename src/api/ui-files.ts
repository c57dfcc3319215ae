import { readdir, readFile } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Api } from './context.ts'

/** Where scripts/prepare.mjs builds it; from src/api and from dist/src/api alike. */
const folder = fileURLToPath(
  new URL(import.meta.url.includes('/dist/') ? '../../ui' : '../../dist/ui', import.meta.url),
)

/** Every page has an address of its own: whoever opens it, or loads it anew, gets the same document. */
const pages = [
  'hosts',
  'instances',
  'lab',
  'networks',
  'offerings',
  'operations',
  'racks',
  'settings',
  'switches',
  'templates',
]

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
}

/** Nothing but its own files; styles and scripts of other kinds are not even looked at. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

const compress = promisify(gzip)

interface UiFile {
  type: string
  plain: Buffer
  gzipped: Buffer
}

/** Read and compressed when it is first asked for, so that no start waits for it. */
function reader() {
  const files = new Map<string, Promise<UiFile>>()
  const read = async (name: string): Promise<UiFile> => {
    const plain = await readFile(join(folder, name))
    return {
      type: types[extname(name)] ?? 'application/octet-stream',
      plain,
      gzipped: await compress(plain),
    }
  }
  return (name: string): Promise<UiFile> => {
    const known = files.get(name) ?? read(name)
    files.set(name, known)
    // a file that was not there yet may come
    known.catch(() => files.delete(name))
    return known
  }
}

/**
 * The web interface. Its assets carry a hash of their content in their names, so that they may be kept for ever.
 * False: it has not been built, as where the daemon runs from its sources.
 */
export async function uiFiles(api: Api): Promise<boolean> {
  const assets = await readdir(join(folder, 'assets')).catch(() => null)
  if (assets === null) return false
  const read = reader()
  const send = async (request: FastifyRequest, reply: FastifyReply, name: string, cache: string) => {
    const { type, plain, gzipped } = await read(name)
    const zipped = /\bgzip\b/.test(request.headers['accept-encoding']?.toString() ?? '')
    if (zipped) reply.header('content-encoding', 'gzip')
    return reply
      .header('content-security-policy', POLICY)
      .header('x-content-type-options', 'nosniff')
      .header('referrer-policy', 'no-referrer')
      .header('cache-control', cache)
      .header('vary', 'accept-encoding')
      .type(type)
      .send(zipped ? gzipped : plain)
  }
  const schema = { hide: true }
  for (const path of ['/', ...pages.flatMap((page) => [`/${page}`, `/${page}/*`])])
    api.get(path, { schema }, async (request, reply) => send(request, reply, 'index.html', 'no-cache'))
  for (const name of assets)
    api.get(`/assets/${name}`, { schema }, async (request, reply) =>
      send(request, reply, `assets/${name}`, 'public, max-age=31536000, immutable'),
    )
  return true
}

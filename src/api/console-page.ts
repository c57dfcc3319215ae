import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Api } from './context.ts'

/** From src/api and from dist/src/api alike: the folder of package.json. */
const root = fileURLToPath(
  new URL(import.meta.url.includes('/dist/') ? '../../../' : '../../', import.meta.url),
)
const xterm = dirname(dirname(createRequire(import.meta.url).resolve('@xterm/xterm')))

const files = [
  { path: '/console', file: join(root, 'assets/console/index.html'), type: 'text/html; charset=utf-8' },
  { path: '/console/app.js', file: join(root, 'assets/console/app.js'), type: 'text/javascript' },
  { path: '/console/app.css', file: join(root, 'assets/console/app.css'), type: 'text/css' },
  { path: '/console/xterm.mjs', file: join(xterm, 'lib/xterm.mjs'), type: 'text/javascript' },
  { path: '/console/xterm.css', file: join(xterm, 'css/xterm.css'), type: 'text/css' },
]

/** The terminal writes its own style elements; scripts come from here alone, and nothing may frame the page. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

/** A page without secrets: who opens it still has to show a ticket or a token. */
export function consolePage(api: Api): void {
  for (const { path, file, type } of files) {
    api.get(path, { schema: { hide: true } }, async (_request, reply) =>
      reply
        .header('content-security-policy', POLICY)
        .header('x-content-type-options', 'nosniff')
        .header('referrer-policy', 'no-referrer')
        .header('cache-control', 'no-cache')
        .type(type)
        .send(await readFile(file)),
    )
  }
}

import { createHash } from 'node:crypto'
import type { Api } from './context.ts'

const style = 'body{font:16px/1.5 system-ui,sans-serif;max-width:40rem;margin:4rem auto;padding:0 1rem}'

function page(version: string): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Ferrule</title>
<style>${style}</style>
<h1>Ferrule ${version}</h1>
<p>Bare metal managed by MAAS as CloudStack instances. This is the controller's HTTP interface.</p>
<ul>
<li><a href="/api/v1/openapi.json">OpenAPI document</a></li>
<li><a href="/api/v1/health">Health</a></li>
</ul>
<p>On a command line: <code>ferrule status</code></p>
</html>
`
}

/** Nothing may be loaded or run from this page but its own style. */
export function frontPage(api: Api, version: string): void {
  const html = page(version)
  const hash = createHash('sha256').update(style).digest('base64')
  api.get('/', { schema: { hide: true } }, async (_request, reply) =>
    reply
      .header(
        'content-security-policy',
        `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
      )
      .header('x-content-type-options', 'nosniff')
      .type('text/html; charset=utf-8')
      .send(html),
  )
}

import { once } from 'node:events'
import { createServer } from 'node:http'
import { vi } from 'vitest'
import { createProgram } from '../../src/cli/program.ts'

/** A command of the CLI, with answers of the API by path instead of a daemon. */
export async function ferruleCli(
  args: readonly string[],
  answers: Readonly<Record<string, unknown>>,
): Promise<{ code: unknown; out: string; err: string }> {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://daemon')
    const found = answers[pathname]
    response.writeHead(found === undefined ? 404 : 200, { 'content-type': 'application/json' })
    response.end(JSON.stringify(found ?? {}))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const bound = server.address()
  const port = typeof bound === 'object' && bound ? bound.port : 0
  const said = { out: '', err: '' }
  const keep = (to: 'out' | 'err') => (text: unknown) => {
    said[to] += String(text)
    return true
  }
  const spies = [
    vi.spyOn(process.stdout, 'write').mockImplementation(keep('out')),
    vi.spyOn(process.stderr, 'write').mockImplementation(keep('err')),
  ]
  const before = process.exitCode
  try {
    const url = `http://127.0.0.1:${port}`
    await createProgram('0.0.0-test').parseAsync(['--url', url, ...args], { from: 'user' })
    return { code: process.exitCode, ...said }
  } finally {
    process.exitCode = before
    for (const spy of spies) spy.mockRestore()
    server.closeAllConnections()
    server.close()
  }
}

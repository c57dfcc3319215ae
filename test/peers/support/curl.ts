import { createHash, X509Certificate } from 'node:crypto'
import type { RunningRedfish } from '../../../lab/redfish/server.ts'
import { type Outcome, runTool } from './ipmi-tools.ts'

export interface CurlAnswer {
  /** 0: no answer. */
  status: number
  /** curl's own exit code. */
  exit: number | null
  headers: string
  json: Record<string, unknown>
}

/** Asks a Redfish service with curl, any certificate being good unless `options` say otherwise. */
export async function curl(
  service: RunningRedfish,
  path: string,
  { login, options = [], body }: { login?: string; options?: readonly string[]; body?: object } = {},
): Promise<CurlAnswer> {
  const url = `https://${service.address}:${service.port}/redfish/v1${path}`
  const auth = login === undefined ? [] : ['-u', login]
  const data = body === undefined ? [] : ['-H', 'Content-Type: application/json', '-d', JSON.stringify(body)]
  const ran: Outcome = await runTool('curl', [
    '-s',
    '-k',
    '-D',
    '-',
    '--max-time',
    '20',
    ...auth,
    ...data,
    ...options,
    url,
  ])
  // Each answer begins with its status line; a program that tries again has several, of which the last one counts.
  const last = ran.stdout.slice(Math.max(0, ran.stdout.lastIndexOf('HTTP/1.1 ')))
  const end = last.indexOf('\r\n\r\n')
  const [headers, text] = end < 0 ? [last, ''] : [last.slice(0, end), last.slice(end + 4)]
  return {
    status: Number(/^HTTP\/1\.1 (\d+)/.exec(headers)?.[1] ?? 0),
    exit: ran.exit,
    headers,
    json: text.startsWith('{') ? JSON.parse(text) : {},
  }
}

/** What curl's --pinnedpubkey wants to know a service again by. */
export function pin({ identity }: RunningRedfish): string {
  const key = new X509Certificate(identity.certificate).publicKey.export({ type: 'spki', format: 'der' })
  return `sha256//${createHash('sha256').update(key).digest('base64')}`
}

import { randomUUID } from 'node:crypto'
import type { LabFacts } from './facts.ts'

/** For tests: the lab as its users see it, by its own protocols only. */

/** The lab is stopped and started again in one test: a kept connection would be a dead one. */
const ONE_SHOT = { connection: 'close' }

/** Calls the control API; throws with the API's {error}. */
export async function control<T = unknown>(
  facts: LabFacts,
  method: string,
  path: string,
  body?: unknown,
): Promise<T> {
  const response = await fetch(`${facts.control}${path}`, {
    method,
    headers: ONE_SHOT,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const answer: unknown = await response.json()
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${JSON.stringify(answer)}`)
  return answer as T
}

/** Calls MAAS's API with OAuth 1.0a PLAINTEXT, forms as bodies. */
export async function maas<T = unknown>(
  facts: LabFacts,
  method: 'GET' | 'POST' | 'PUT' | 'DELETE',
  path: string,
  form: Record<string, string> = {},
): Promise<T> {
  const [consumer, token, secret] = facts.maas.key.split(':')
  const fields = {
    oauth_version: '1.0',
    oauth_signature_method: 'PLAINTEXT',
    oauth_consumer_key: consumer,
    oauth_token: token,
    oauth_signature: `%26${secret}`,
    oauth_timestamp: String(Math.floor(Date.now() / 1000)),
    oauth_nonce: randomUUID(),
  }
  const authorization = `OAuth ${Object.entries(fields)
    .map(([key, value]) => `${key}="${value}"`)
    .join(', ')}`
  const response = await fetch(`${facts.maas.url}/api/2.0/${path}`, {
    method,
    headers: { ...ONE_SHOT, authorization },
    ...(method === 'GET' ? {} : { body: new URLSearchParams(form) }),
  })
  const text = await response.text()
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`)
  return (text === '' ? null : JSON.parse(text)) as T
}

/** Config mode of a switch, by REST-CLI; throws if the text holds an error. */
export async function configureSwitch(facts: LabFacts, address: string, ...lines: string[]): Promise<void> {
  const tor = facts.switches.find((one) => one.address === address)
  if (tor === undefined) throw new Error(`no switch ${address}`)
  const root = (await reachable(tor, 'dell')) ? 'dell' : 'ftos'
  const response = await fetch(`http://${tor.address}:${tor.port}/api/running/${root}/_operations/cli`, {
    method: 'POST',
    headers: basic(tor),
    body: `<input><config-commands>${lines.join('\r\n')}</config-commands></input>`,
  })
  const text = await response.text()
  if (!response.ok || text.includes('% Error')) throw new Error(`${response.status} ${text}`)
}

async function reachable(tor: LabFacts['switches'][number], root: string): Promise<boolean> {
  const response = await fetch(`http://${tor.address}:${tor.port}/api/running/${root}`, {
    headers: basic(tor),
  })
  return response.ok
}

function basic({ username, password }: { username: string; password: string }): Record<string, string> {
  return { ...ONE_SHOT, authorization: `Basic ${btoa(`${username}:${password}`)}` }
}

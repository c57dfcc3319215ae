import { randomUUID } from 'node:crypto'
import createClient, { type Client } from 'openapi-fetch'
import type { components, paths } from '../api/client.generated.ts'
import { CliFailure, exitCodes, fromProblem } from './failure.ts'

export type Schemas = components['schemas']
export type FerruleClient = Client<paths>

/**
 * The API as the OpenAPI document describes it. Each POST and DELETE carries an Idempotency-Key, so that a lost reply
 * may be asked for again: the second request gets the answer of the first, and nothing is done twice.
 */
export function createFerruleClient(url: string, token: string | null): FerruleClient {
  return createClient<paths>({
    baseUrl: url,
    headers: token === null ? {} : { authorization: `Bearer ${token}` },
    fetch: (request) => send(request, url),
  })
}

async function send(request: Request, url: string): Promise<Response> {
  const changes = request.method === 'POST' || request.method === 'DELETE'
  if (changes) request.headers.set('idempotency-key', randomUUID())
  const again = request.clone()
  try {
    return await fetch(request)
  } catch (error) {
    if (!lostReply(error) || request.method === 'PUT') throw unreachable(url, error)
  }
  return fetch(again).catch((error: unknown) => {
    throw unreachable(url, error)
  })
}

/** The connection broke after it was made: the request may have arrived. */
function lostReply(error: unknown): boolean {
  return ['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET'].includes(causeOf(error))
}

export function unreachable(url: string, error: unknown): CliFailure {
  return new CliFailure(
    exitCodes.unreachable,
    `the controller does not answer (${causeOf(error)})`,
    url,
    'Is it running? Give its address with --url or FERRULE_URL.',
  )
}

function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const { cause } = error
  if (cause instanceof Error) return 'code' in cause ? String(cause.code) : cause.message
  return error.message
}

interface Answer<Data> {
  data?: Data | undefined
  error?: unknown
  response: Response
}

/** The answer's body, or the failure that its problem+json tells. */
export async function take<Data>(answer: Promise<Answer<Data>>): Promise<Data> {
  const { data, error, response } = await answer
  if (!response.ok) throw fromProblem(response.status, error, new URL(response.url).pathname)
  // a 204 has no body, and its Data is never looked at
  return data as Data
}

/** Every page of a list. */
export async function takeAll<Item>(
  page: (cursor: string | undefined) => Promise<Answer<{ items: Item[]; next: string | null }>>,
): Promise<Item[]> {
  const items: Item[] = []
  let cursor: string | undefined
  do {
    const { items: some, next } = await take(page(cursor))
    items.push(...some)
    cursor = next ?? undefined
  } while (cursor !== undefined)
  return items
}

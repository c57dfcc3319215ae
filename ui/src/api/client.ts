import createClient from 'openapi-fetch'
import type { components, paths } from '../../../src/api/client.generated.ts'
import { ProblemError, UnreachableError } from './problem.ts'
import { dropToken, readToken } from './token.ts'

export type Schemas = components['schemas']

/** Told when the token is not known any more, so that the shell asks for another. */
export const signedOut = new EventTarget()

export const client = createClient<paths>({
  baseUrl: '/',
  async fetch(request: Request) {
    const token = readToken()
    if (token !== null) request.headers.set('authorization', `Bearer ${token}`)
    const answer = await fetch(request).catch(() => {
      throw new UnreachableError()
    })
    if (answer.status === 401) {
      dropToken()
      signedOut.dispatchEvent(new Event('signed-out'))
    }
    return answer
  },
})

/** The body of an answer, or what the API says against it. */
export async function body<Data>(
  call: Promise<{ data?: Data; error?: unknown; response: Response }>,
): Promise<Data> {
  const { data, error, response } = await call
  // an error of this API is problem+json; the constructor bears anything else
  if (!response.ok) throw new ProblemError(response.status, error as Partial<Schemas['Problem']> | undefined)
  // a call that succeeds has the body that its schema says, or none, which is then its type
  return data as Data
}

/** The same request twice, as after a lost answer, does its work once. */
export function once(): { 'idempotency-key': string } {
  // randomUUID is there on https and localhost only
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return { 'idempotency-key': [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('') }
}

import type { HostLease } from '../../../domain/lease.ts'
import type { Answer, Ask } from './ask.ts'
import type { RedfishClient } from './client.ts'

export interface Change {
  path: string
  what: string
  body: unknown
  lease?: HostLease
}

/**
 * PATCH with the ETag that the resource has now (DSP0266 §6.5). Some BMCs refuse a PATCH without one, and some do not
 * know their own again: so after a 412 it is tried as it might be meant, and at last without. What is written is
 * absolute, so that nothing is lost even if somebody else wrote in between.
 *
 * @returns the last answer, whatever its status
 */
export async function patch(client: RedfishClient, change: Change): Promise<Answer> {
  let answer: Answer | undefined
  for (const etag of forms(await etagOf(client, change))) {
    const ask: Ask = {
      method: 'PATCH',
      path: change.path,
      what: change.what,
      body: change.body,
      ...(change.lease ? { lease: change.lease } : {}),
      ...(etag === undefined ? {} : { headers: { 'If-Match': etag } }),
    }
    answer = await client.request(ask)
    // 428: it wants one, and has told none.
    if (answer.status === 428 && etag === undefined) {
      answer = await client.request({ ...ask, headers: { 'If-Match': '*' } })
    }
    if (answer.status !== 412 && answer.status !== 428) return answer
  }
  // forms() is never empty.
  return answer as Answer
}

async function etagOf(client: RedfishClient, change: Change): Promise<string | undefined> {
  const answer = await client.ok({ method: 'GET', path: change.path, what: `${change.what} (its ETag)` })
  const header = answer.headers.etag
  if (header !== undefined) return printable(header)
  const body = answer.json
  if (typeof body !== 'object' || body === null || !('@odata.etag' in body)) return undefined
  return printable(body['@odata.etag'])
}

/** What may stand in a header of ours. */
function printable(value: unknown): string | undefined {
  return typeof value === 'string' && /^[!-~]{1,256}$/.test(value) ? value : undefined
}

/** As it was told; without what a compressing proxy adds; strong instead of weak, and without doubled quotes; none. */
export function forms(etag: string | undefined): (string | undefined)[] {
  if (etag === undefined) return [undefined]
  const plain = etag.replace(/-gzip(?="?$)/, '')
  const strong = plain.replace(/^W\//, '').replace(/^"+|"+$/g, '')
  return [...new Set([plain, `"${strong}"`, undefined])]
}

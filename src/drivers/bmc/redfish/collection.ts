import type { z } from 'zod'
import type { RedfishClient } from './client.ts'
import { collectionSchema, memberSchema, mostMembers } from './wire.ts'

export interface Member {
  path: string
  /** The whole member where the BMC sends it inline, else its link alone. */
  inline: Record<string, unknown>
}

/** More pages than this are somebody's joke. */
const mostPages = 20

/** All members of a collection, over its pages (DSP0266 §9.7); at most `limit`. */
export async function readMembers(
  client: RedfishClient,
  path: string,
  what: string,
  limit = mostMembers,
): Promise<Member[]> {
  const members: Member[] = []
  let next: string | undefined = path
  for (let pages = 0; pages < mostPages && next !== undefined && members.length < limit; pages += 1) {
    const page: z.output<typeof collectionSchema> = (await client.read(collectionSchema, next, what)).value
    for (const raw of page.Members.slice(0, limit - members.length)) {
      const member = memberSchema.safeParse(raw)
      if (member.success)
        members.push({ path: client.path(member.data['@odata.id'], what), inline: member.data })
    }
    const more = page['Members@odata.nextLink']
    next = more === undefined ? undefined : client.path(more, what)
  }
  return members
}

/** Members that came as links are read one by one. */
export async function readWhole(
  client: RedfishClient,
  members: readonly Member[],
  what: string,
): Promise<unknown[]> {
  const whole: unknown[] = []
  for (const member of members) {
    if (Object.keys(member.inline).some((key) => !key.startsWith('@'))) whole.push(member.inline)
    else whole.push((await client.ok({ method: 'GET', path: member.path, what })).json)
  }
  return whole
}

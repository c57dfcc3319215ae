import { refused, unauthorised } from '../errors.ts'
import type { Reply } from './reply.ts'

/** @throws switch-refused, switch-auth for an answer that is an error */
export function answered(address: string, what: string, reply: Reply): Reply {
  const [error] = reply.errors
  if (!error) return reply
  if (error.tag === 'access-denied')
    throw unauthorised(address, `"${what}" is not allowed to this user (${error.said})`)
  throw refused(address, what, error.said, { errorTag: error.tag })
}

import type { FastifyRequest } from 'fastify'
import { FerruleError } from '../domain/errors.ts'
import type { Caller } from '../services/context.ts'
import { tokenOwner } from '../services/tokens.ts'
import type { ApiContext } from './context.ts'

/** Before anything of the request is read: who asks, and may they? */
export async function authenticate(context: ApiContext, request: FastifyRequest): Promise<void> {
  const url = request.routeOptions.url ?? ''
  const refusal = context.mode.refusal()
  if (refusal && !inRecovery.test(url)) throw refusal
  const token = /^Bearer +(\S+) *$/i.exec(request.headers.authorization ?? '')?.[1]
  if (!token)
    throw new FerruleError(
      'unauthenticated',
      'the request carries no token',
      'Send the header "Authorization: Bearer frl_…"; for the CLI, set FERRULE_TOKEN or --token-file.',
    )
  const owner = await tokenOwner(context.services, context.hashToken(token))
  if (!owner)
    throw new FerruleError(
      'unauthenticated',
      'the token is not known here',
      'Use the token of this installation; the first one is in admin.token of its data folder.',
    )
  request.caller = owner
  requireRole(owner, request.method, url)
}

/** What a recovery needs: itself, and the racks, without which the ports of hosts are not known. They are records alone. */
const inRecovery = /^\/api\/v1\/(recovery|racks)(\/|$)/

/** What the CloudStack connection may change; everything else it may only read. */
const forCloudstack = /^\/api\/v1\/(instances|networks|operations|plans)(\/|$)/

/** A ticket for a console is worth what its token is: with one that only reads, one only watches. */
const consoleTicket = '/api/v1/hosts/:key/console'

function requireRole(caller: Caller, method: string, url: string): void {
  if (caller.role === 'admin') return
  const reads = method === 'GET' && !url.startsWith('/api/v1/tokens')
  if (reads || url === consoleTicket) return
  if (caller.role === 'cloudstack' && forCloudstack.test(url)) return
  throw new FerruleError(
    'forbidden',
    `token ${caller.name} has the role ${caller.role}, which does not allow this`,
    'Use an administrator token.',
    { role: caller.role },
  )
}

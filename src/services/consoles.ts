import { createHash } from 'node:crypto'
import { FerruleError } from '../domain/errors.ts'
import type { Host } from '../domain/host.ts'
import type { ConsoleTicket } from '../store/consoles.ts'
import { consoleTenant, insertTicket, redeemTicket } from '../store/consoles.ts'
import { hostById } from '../store/hosts.ts'
import type { Caller, Services } from './context.ts'
import { findHost } from './hosts.ts'

/** Long enough to open a page, too short to be of use in somebody's history. */
const TICKET_MS = 60_000

export interface IssuedTicket {
  ticket: string
  host: string
  mayWrite: boolean
  /** ISO 8601. */
  expiresAt: string
}

/** For an operator: any host's console. Who may only read may only watch. */
export async function issueHostTicket(
  services: Services,
  caller: Caller,
  hostKey: string,
): Promise<IssuedTicket> {
  const { host } = await findHost(services, hostKey)
  return issue(services, host, {
    hostId: host.id,
    viewer: caller.name,
    mayWrite: caller.role === 'admin',
    instanceId: null,
  })
}

/**
 * For a cloud user: the console of the server that carries this instance now, and only as long as it does. What is being
 * installed is not the user's yet: whether they type is looked at as long as they watch.
 */
export async function issueInstanceTicket(
  services: Services,
  instance: { id: string; name: string; hostId: string | null },
  viewer: string,
): Promise<IssuedTicket> {
  const { db } = services.tools
  const host = instance.hostId ? await hostById(db, instance.hostId) : null
  if (!host || (await consoleTenant(db, host.id))?.instanceId !== instance.id)
    throw new FerruleError(
      'wrong-state',
      `instance ${instance.name} has no server now`,
      'Start it, then open its console.',
    )
  return issue(services, host, { hostId: host.id, instanceId: instance.id, viewer, mayWrite: true })
}

async function issue(services: Services, host: Host, owner: ConsoleTicket): Promise<IssuedTicket> {
  const ticket = Buffer.from(services.random(24)).toString('base64url')
  await insertTicket(services.tools.db, hashOf(ticket), owner, TICKET_MS)
  return {
    ticket,
    host: host.name,
    mayWrite: owner.mayWrite,
    expiresAt: new Date(services.tools.now() + TICKET_MS).toISOString(),
  }
}

/** The database knows its hash only; 192 random bits need no salt. */
function hashOf(ticket: string): string {
  return createHash('sha256').update(ticket).digest('hex')
}

/** Whose it is; it is spent with this. */
export async function ticketOwner(services: Services, ticket: string): Promise<ConsoleTicket> {
  const owner = await redeemTicket(services.tools.db, hashOf(ticket))
  if (owner) return owner
  throw new FerruleError(
    'unauthenticated',
    'the ticket is not valid: it opens once, and for a minute only',
    'Open the console again from where the link came from.',
  )
}

export async function consoleHost(services: Services, hostId: string): Promise<Host> {
  const host = await hostById(services.tools.db, hostId)
  if (host) return host
  throw new FerruleError('not-found', 'the host was removed', 'Nothing to do.', { host: hostId })
}

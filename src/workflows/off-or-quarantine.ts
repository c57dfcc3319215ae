import type { ErrorCode } from '../domain/errors.ts'
import { FerruleError } from '../domain/errors.ts'
import type { Host } from '../domain/host.ts'
import type { HostLease } from '../domain/lease.ts'
import type { Queryable } from '../store/database.ts'
import { hostById, setAttention } from '../store/hosts.ts'
import { parkPorts } from './ports.ts'
import { ensureBootDevice, ensureOff } from './power.ts'
import type { Tools } from './tools.ts'

/** So many tries of the BMC before the network is cut instead. */
const TRIES = 3

/** The attention that is set and cleared here, and by nobody else. */
const ATTENTION = 'not-off'

export interface Attempt {
  operation: { id: string }
  /** Of the step that asks, over all crashes. */
  attempt: number
}

/**
 * Off, confirmed by the BMC. An unreachable BMC is never "off": after a few tries the ports go to the quarantine VLAN,
 * for the tenant's VLAN may be another one's soon; the caller's step keeps trying all the same.
 */
export function offOrQuarantine(tools: Tools, host: Host, lease: HostLease, context: Attempt): Promise<void> {
  return orQuarantine(tools, host, context, () => ensureOff(tools, host, lease))
}

/** All that is wanted of the BMC before the PXE VLAN is back: the tenant's system must not boot there. */
export function restOrQuarantine(
  tools: Tools,
  host: Host,
  lease: HostLease,
  context: Attempt,
): Promise<void> {
  return orQuarantine(tools, host, context, async () => {
    await ensureOff(tools, host, lease)
    await ensureBootDevice(tools, host, lease, 'network')
  })
}

/**
 * Work on the BMC of a host whose ports may carry a tenant's VLAN: they do not carry it for as long as the BMC is away.
 * @param atOnce after which errors the network is cut without a second try: for a step that does not try for ever
 */
export async function orQuarantine(
  tools: Tools,
  host: Host,
  { operation, attempt }: Attempt,
  work: () => Promise<void>,
  atOnce: (code: ErrorCode) => boolean = () => false,
): Promise<void> {
  try {
    await work()
  } catch (error) {
    const cut = error instanceof FerruleError && (attempt >= TRIES || atOnce(error.code))
    if (cut && error.code !== 'lease-lost') {
      await parkPorts(tools, host, operation.id, 'quarantine')
      await setAttention(tools.db, host.id, {
        code: ATTENTION,
        message: `${host.name} cannot be brought to rest: ${error.message}`,
        remedy:
          'Its ports are in the quarantine VLAN. Look at its BMC; switching it off is tried again and again.',
        since:
          host.attention?.code === ATTENTION ? host.attention.since : new Date(tools.now()).toISOString(),
      })
    }
    throw error
  }
  await atRest(tools, host)
}

/** It is off: what was told of its trouble is over. */
export async function atRest(tools: Tools, host: Host): Promise<void> {
  if (host.attention?.code === ATTENTION) await setAttention(tools.db, host.id, null)
}

/** The end of an operation that does not try for ever: what it leaves on the list must not say that it is still trying. */
export async function restGivenUp(db: Queryable, hostId: string): Promise<void> {
  const host = await hostById(db, hostId)
  if (host?.attention?.code !== ATTENTION) return
  await setAttention(db, hostId, {
    ...host.attention,
    remedy: `Its ports are in the quarantine VLAN, and nobody tries any more. Look at its BMC, then "ferrule host heal ${host.name} --power".`,
  })
}

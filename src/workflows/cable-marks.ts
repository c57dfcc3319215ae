import { type CableCheck, isAt, isLie, onePlace } from '../domain/cable-truth.ts'
import type { ErrorBody } from '../domain/errors.ts'
import type { Attention, Host } from '../domain/host.ts'
import type { Queryable } from '../store/database.ts'
import { hostsWithAttention, setAttention } from '../store/hosts.ts'
import { witnessAgainst } from './cable-words.ts'

/** The attention of a host whose cables were seen elsewhere: the planner passes it by until they are seen in their places. */
export const CABLES_ELSEWHERE = 'cables-elsewhere'

/** What an operation that was refused for cables leaves on its host; null: it was not refused for them. */
export function cableMark(error: ErrorBody | null, host: string, now: number): Attention | null {
  if (!error?.details || !('cables' in error.details)) return null
  return {
    code: CABLES_ELSEWHERE,
    message: error.message,
    remedy: `Correct the rack file, which takes this back, or the cables: then commission the machine in MAAS and look with "ferrule rack verify" meanwhile, or "ferrule host erase ${host}".`,
    since: new Date(now).toISOString(),
  }
}

/** Takes back what a newer look does not say any more. */
export async function forgetMendedCables(db: Queryable, checks: readonly CableCheck[]): Promise<void> {
  const byMac = new Map(checks.map((check) => [check.mac, check]))
  for (const host of await hostsWithAttention(db, CABLES_ELSEWHERE))
    if (areMended(host, byMac)) await setAttention(db, host.id, null)
}

/**
 * Nothing heard proves nothing, and LLDP of a machine may be older than what a switch said against it: so each cable that
 * the mark names must be seen in its place by whom it was seen elsewhere, or by a switch.
 */
function areMended({ nics, attention }: Host, byMac: ReadonlyMap<string, CableCheck>): boolean {
  const named = nics.flatMap(({ name, mac }) => {
    const witness = witnessAgainst(attention?.message ?? '', name)
    return witness === null ? [] : [{ witness, check: byMac.get(mac) }]
  })
  return (
    named.length > 0 &&
    named.every(({ witness, check }) => {
      if (!check?.declared || isLie(check)) return false
      const { declared, learned, seen } = check
      return isAt(onePlace(learned), declared) || (witness === 'machine' && isAt(seen, declared))
    })
  )
}

/** A changed rack file is another truth: who was judged by the old one is judged anew at its next deploy. */
export async function forgetRedeclaredCables(db: Queryable, macs: readonly string[]): Promise<void> {
  for (const host of await hostsWithAttention(db, CABLES_ELSEWHERE)) {
    const message = host.attention?.message ?? ''
    const own = new Set(host.nics.map(({ mac }) => mac))
    if (macs.some((mac) => own.has(mac) || message.includes(mac))) await setAttention(db, host.id, null)
  }
}

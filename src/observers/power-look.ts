import { FerruleError } from '../domain/errors.ts'
import type { LookFailure } from '../domain/power-breaker.ts'
import { isRefusal } from '../domain/power-breaker.ts'
import type { Services } from '../services/context.ts'
import { hostById } from '../store/hosts.ts'
import type { LookTarget } from '../store/power-watch.ts'
import type { LookResult } from './power-meters.ts'
import type { Watched } from './power-roll.ts'

export type Look =
  | { kind: 'seen'; state: 'on' | 'off' }
  | { kind: 'failed'; failure: LookFailure }
  /** Not the BMC's fault: the database is away, we are shutting down, or the host is gone. It says nothing. */
  | { kind: 'void' }

/** Asks a BMC once. Its handle is kept for as long as the credentials stay: opening means unsealing the password. */
export async function look(
  tools: Services['tools'],
  host: Watched,
  target: LookTarget,
  keep: boolean,
): Promise<Look> {
  try {
    if (host.opened?.credentials !== target.credentials) {
      host.opened = null
      const record = await hostById(tools.db, target.id)
      if (!record) return { kind: 'void' }
      host.opened = { credentials: target.credentials, bmc: await tools.bmc(record) }
    }
    const state = await host.opened.bmc.power({ patient: false, keep })
    if (state !== 'unknown') return { kind: 'seen', state }
    return { kind: 'failed', failure: undecided(target.name) }
  } catch (error) {
    if (!(error instanceof FerruleError)) return { kind: 'failed', failure: unexpected(target.name, error) }
    if (error.code === 'database-unreachable' || error.code === 'cancelled' || error.code === 'not-found')
      return { kind: 'void' }
    const { code, message, remedy, details } = error
    return { kind: 'failed', failure: { code, message, remedy, full: details.sessionsFull === true } }
  }
}

export function resultOf(look: Exclude<Look, { kind: 'void' }>): LookResult {
  if (look.kind === 'seen') return look.state
  if (look.failure.full) return 'full'
  if (isRefusal(look.failure.code)) return 'refused'
  return look.failure.code === 'bmc-unreachable' ? 'unreachable' : 'failed'
}

function undecided(host: string): LookFailure {
  return {
    code: 'power-unknown',
    message: `The BMC of ${host} says neither on nor off.`,
    remedy: 'Look at the BMC; a host that is being switched may be between the two for a moment.',
    full: false,
  }
}

function unexpected(host: string, error: unknown): LookFailure {
  return {
    code: 'internal',
    message: `Asking the BMC of ${host} failed: ${error instanceof Error ? error.message : String(error)}.`,
    remedy: 'Report this.',
    full: false,
  }
}

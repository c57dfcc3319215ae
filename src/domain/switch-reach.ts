import type { Why } from './why.ts'

/** What a process knows of reaching a switch. */
export interface SwitchReach {
  state: 'closed' | 'open' | 'half-open'
  /** Calls without an answer since the last one that had one. */
  failures: number
  /** Milliseconds since the epoch; null while it answers. */
  nextTry: number | null
  lastError: string | null
}

export interface SwitchReached {
  id: string
  address: string
  rack: string
  /** Null: this process has not spoken to it yet. */
  health: SwitchReach | null
}

export const SWITCH_REMEDY =
  'Look at its power, the management network and its credentials in the rack file; it is tried again by itself.'

export function leftAlone(address: string, { failures, lastError }: SwitchReach): string {
  return `switch ${address} has not answered ${failures} times in a row, and is asked only now and then: ${lastError ?? 'no answer'}`
}

/** Only of those that do not answer: what works needs no words. */
export function switchEvidence(switches: readonly SwitchReached[]): string[] {
  return switches.flatMap(({ address, health }) => {
    if (health === null || health.failures === 0) return []
    if (health.state === 'closed')
      return [
        `switch ${address} has not answered ${health.failures} times in a row: ${health.lastError ?? 'no answer'}`,
      ]
    const until = health.nextTry === null ? '' : `; tried again at ${new Date(health.nextTry).toISOString()}`
    return [`${leftAlone(address, health)}${until}`]
  })
}

export function whySwitch({ address, rack, health }: SwitchReached, now: number): Why {
  const plain = {
    object: { kind: 'switch' as const, name: address },
    since: null,
    evidence: [`rack ${rack}`],
  }
  if (health === null)
    return {
      ...plain,
      well: true,
      summary: `${address} has not been spoken to yet`,
      blocks: null,
      nextRetry: null,
      action: null,
    }
  if (health.failures === 0)
    return {
      ...plain,
      well: true,
      summary: `${address} answers`,
      blocks: null,
      nextRetry: null,
      action: null,
    }
  const { state, nextTry } = health
  return {
    ...plain,
    well: false,
    summary:
      state === 'closed'
        ? `${address} did not answer`
        : `${address} does not answer and is left alone for a while`,
    blocks: `no answer ${health.failures} times in a row: ${health.lastError ?? 'no answer'}`,
    nextRetry: nextTry === null ? null : new Date(Math.max(nextTry, now)).toISOString(),
    action: SWITCH_REMEDY,
  }
}

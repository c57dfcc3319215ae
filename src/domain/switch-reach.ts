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

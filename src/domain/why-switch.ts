import type { SwitchReached } from './switch-reach.ts'
import { SWITCH_REMEDY } from './switch-reach.ts'
import type { Why } from './why.ts'

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

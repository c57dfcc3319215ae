import { words } from '../words.ts'

/** What a state means to a person on duty; the word is always there, the colour only helps. */
const tones: Readonly<Record<string, string>> = {
  available: 'free',
  running: 'good',
  'in-use': 'good',
  succeeded: 'good',
  on: 'good',
  stopped: 'calm',
  off: 'calm',
  done: 'good',
  queued: 'busy',
  deploying: 'busy',
  enlisting: 'busy',
  erasing: 'busy',
  busy: 'busy',
  destroying: 'busy',
  stopping: 'busy',
  undoing: 'warn',
  undone: 'warn',
  cancelled: 'warn',
  dirty: 'warn',
  unknown: 'warn',
  'read-only': 'calm',
  'out-of-pool': 'warn',
  parked: 'bad',
  failed: 'bad',
  attention: 'bad',
  destroyed: 'calm',
  removed: 'calm',
}

export const toneOf = (state: string) => tones[state] ?? 'calm'

export function State({ state, of }: { state: string; of?: 'operation' }) {
  // an operation that runs is under way; an instance that runs is well
  const tone = of === 'operation' && state === 'running' ? 'busy' : toneOf(state)
  return <span className={`state tone-${tone}`}>{words.states[state] ?? state}</span>
}

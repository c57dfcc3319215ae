import { randomUUID } from 'node:crypto'

/** A call of CloudStack may block until shortly before its own time-out; then it must have answered. Milliseconds. */
const MARGIN = 30_000
/** Whatever a device does: the answer is out so long before CloudStack kills the process. */
const LAST_MARGIN = 10_000

/** When a call with this time-out (seconds, as CloudStack gives it) has to stop waiting. */
export function answerBy(now: number, timeoutSeconds: number): number {
  return now + Math.max(timeoutSeconds * 1000 - MARGIN, timeoutSeconds * 500)
}

/** How long an answer may take at the very most: for a device call that hangs. Milliseconds. */
export function patience(timeoutSeconds: number): number {
  return Math.max(timeoutSeconds * 1000 - LAST_MARGIN, timeoutSeconds * 800)
}

/** How long the last words may be thought about, inside of that margin. Milliseconds. */
export const LAST_WORD = 500

/** What the executable calls a payload file with a name that is none. */
const NAMELESS = 'unknown'

/**
 * What a call is called in the log, and in the error that its user sees: the name of its payload file, which stands in
 * the management server's log too, or one of our own.
 */
export function callId(headers: Record<string, unknown>): string {
  const given = headers['x-ferrule-call']
  if (typeof given === 'string' && given !== NAMELESS && /^[\w-]{1,64}$/.test(given)) return given
  const made = `made-${randomUUID()}`
  headers['x-ferrule-call'] = made
  return made
}

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

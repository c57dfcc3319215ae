import { FerruleError } from '../../domain/errors.ts'

/** ApiErrorCode of CloudStack, as far as something is to be done about it. */
const UNAUTHORIZED = 401
const UNSUPPORTED = 432

/** What CloudStack says with an error: HTTP status or errorcode, and its sentence. */
export function refusal(command: string, code: number, text: string): FerruleError {
  const details = { command, errorcode: code }
  const said = `CloudStack refused ${command}: ${code} ${clipped(text)}`
  if (code === UNAUTHORIZED)
    return new FerruleError(
      'cloudstack-auth',
      said,
      "Check the API key, its secret, and this machine's clock: a signature counts for ten minutes.",
      details,
    )
  if (code === UNSUPPORTED)
    return new FerruleError(
      'cloudstack-refused',
      said,
      'Use the keys of a root administrator, and CloudStack 4.21 or newer.',
      details,
    )
  return new FerruleError(
    'cloudstack-refused',
    said,
    "Correct what CloudStack names; the management server's log has more.",
    details,
  )
}

export function unreachable(command: string, url: string, cause: unknown, harmless: boolean): FerruleError {
  return new FerruleError(
    'cloudstack-unreachable',
    `no answer from CloudStack (${url}) to ${command}: ${reason(cause)}`,
    harmless
      ? 'Check that the management server runs and that its API can be reached from here.'
      : 'Check that the API can be reached; what was asked may have happened: the next look shows it.',
    { command },
  )
}

/** A proxy's page, or a server that is no CloudStack. */
export function unreadable(command: string, seen: string): FerruleError {
  return new FerruleError(
    'cloudstack-refused',
    `the answer of CloudStack to ${command} is not understood (${clipped(seen)})`,
    'Check that the URL leads to /client/api of CloudStack 4.21 or newer, without a page of a proxy between.',
    { command },
  )
}

export function jobOverdue(command: string, job: string, ms: number): FerruleError {
  return new FerruleError(
    'deadline',
    `CloudStack has not finished ${command} after ${Math.round(ms / 1000)} s (job ${job})`,
    'It goes on there: look at it with queryAsyncJobResult, and try again when it has ended.',
    { command, job },
  )
}

function clipped(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim()
  return line.length > 300 ? `${line.slice(0, 300)}…` : line
}

function reason(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause)
  if (cause.name === 'TimeoutError') return 'the time is over'
  const inner = cause.cause instanceof AggregateError ? cause.cause.errors[0] : cause.cause
  return inner instanceof Error && inner.message ? inner.message : cause.message
}

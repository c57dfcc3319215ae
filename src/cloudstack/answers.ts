import { FerruleError } from '../domain/errors.ts'

/** What the executable prints, and the exit code that it ends with. CloudStack believes the exit code only. */
export interface Answer {
  exit: 0 | 1
  body: unknown
  /** Of a refusal: what its sentence is made of, until it gets its reference. */
  refusal?: Refusal
}

interface Refusal {
  message: string
  remedy: string
  /** Number of the operation that it is about; null: of none. */
  operation: number | null
}

export function done(body: unknown = { status: 'success' }): Answer {
  return { exit: 0, body }
}

/** One line for the cloud user, with what to do; never a stack trace. */
export function refused(
  error: { message: string; remedy: string } | string,
  operation: number | null = null,
): Answer {
  const { message, remedy } = typeof error === 'string' ? { message: error, remedy: '' } : error
  return sentence({ message, remedy, operation }, null)
}

export function refusedBy(error: unknown): Answer {
  if (error instanceof FerruleError) return refused(error)
  throw error
}

/** The same refusal, ending with what an operator can look up: the operation, or this very call in the log. */
export function withReference(answer: Answer, call: string): Answer {
  const { refusal } = answer
  if (!refusal) return answer
  return sentence(refusal, refusal.operation === null ? `[call ${call}]` : `[operation ${refusal.operation}]`)
}

/**
 * CloudStack keeps 1024 characters of what went wrong in its event (event.description), its own words and this answer
 * included, in which the sentence stands twice.
 */
const LONGEST = 380

function sentence(refusal: Refusal, reference: string | null): Answer {
  const message = ended(oneLine(refusal.message))
  const remedy = refusal.remedy === '' ? '' : ended(oneLine(refusal.remedy))
  const room = LONGEST - (reference === null ? 0 : reference.length + 1)
  // what is to be done stays whole as long as that leaves a third for what was seen: `why` has the rest
  const seen = cut(message, Math.max(room - remedy.length - 1, room / 3))
  const said = remedy === '' ? seen : cut(`${seen} ${remedy}`, room)
  const text = reference === null ? said : `${said} ${reference}`
  return { exit: 1, body: { status: 'error', message: text, error: text }, refusal }
}

function cut(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1).trimEnd()}…`
}

function ended(text: string): string {
  return /[.!?…]$/.test(text) ? text : `${text}.`
}

function oneLine(text: string): string {
  return text.replace(/[\s\p{Cc}]+/gu, ' ').trim()
}

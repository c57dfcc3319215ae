import { FerruleError } from '../domain/errors.ts'

/** What the executable prints, and the exit code that it ends with. CloudStack believes the exit code only. */
export interface Answer {
  exit: 0 | 1
  body: unknown
}

export function done(body: unknown = { status: 'success' }): Answer {
  return { exit: 0, body }
}

/** One line for the cloud user, with what to do; never a stack trace. */
export function refused(error: FerruleError | string): Answer {
  const text = typeof error === 'string' ? error : `${error.message}. ${error.remedy}`
  return { exit: 1, body: { status: 'error', message: text, error: text } }
}

export function refusedBy(error: unknown): Answer {
  if (error instanceof FerruleError) return refused(error)
  throw error
}

import { FerruleError } from '../domain/errors.ts'
import type { Answer, Ask } from './exchange.ts'

/** Every answer that is not 2xx, as one coded error: what was asked, what MAAS said, what to do. */
export function refusal(ask: Ask, answer: Answer): FerruleError {
  const said = words(answer)
  const message = `MAAS refused to ${ask.what}: ${answer.status}${said === '' ? ', without a word' : ` ${said}`}`
  const details = { status: answer.status, said }
  if (answer.status === 400) {
    return new FerruleError(
      'maas-refused',
      message,
      'Correct what MAAS names, or bring the machine into a state that allows it.',
      { ...details, fields: fieldsOf(answer) },
    )
  }
  if (answer.status === 401)
    return new FerruleError(
      'maas-auth',
      message,
      'Check the MAAS API key; and the clock, which may differ by 300 s at most.',
      details,
    )
  if (answer.status === 403) return forbidden(message, details, said)
  if (answer.status === 404)
    return new FerruleError(
      'not-found',
      message,
      'It may have been deleted in MAAS: compare the system id there.',
      details,
    )
  if (answer.status === 409) return conflict(ask, answer, message, details)
  if (answer.status >= 502 && answer.status <= 504) {
    return new FerruleError(
      'maas-unreachable',
      message,
      'MAAS or its rack controller is busy or cannot reach the BMC; what was asked may have happened: read the machine again before another try.',
      { ...details, retryAfter: answer.retryAfter },
    )
  }
  if (answer.status >= 300 && answer.status < 400) {
    return new FerruleError(
      'maas-refused',
      message,
      'Check the MAAS URL in the settings: it should lead straight to a region controller, with the right scheme and path.',
      details,
    )
  }
  return new FerruleError(
    'maas-refused',
    message,
    'Read the region controller’s log, then the machine again: what was asked may have happened in part.',
    details,
  )
}

/** MAAS answers a missing permission and a locked machine alike: 403 and no body. */
function forbidden(message: string, details: Record<string, unknown>, said: string): FerruleError {
  if (said !== '')
    return new FerruleError('maas-auth', message, 'Give Ferrule’s MAAS user administrator rights.', details)
  return new FerruleError(
    'maas-refused',
    message,
    'The machine is locked in MAAS, has another owner, or Ferrule’s MAAS user is no administrator: look at it there.',
    details,
  )
}

/**
 * text/plain: the machine's state forbids it, and asking again changes nothing. text/html with Retry-After: MAAS lost a
 * conflict of transactions and nothing has happened; except at creation, where the same page means that another machine
 * has this BMC, for good.
 */
function conflict(ask: Ask, answer: Answer, message: string, details: Record<string, unknown>): FerruleError {
  if (!answer.contentType.startsWith('text/html')) {
    return new FerruleError(
      'maas-state',
      message,
      'Read the machine’s state in MAAS: it is not what was expected, or somebody else uses it.',
      details,
    )
  }
  if (ask.method === 'POST' && ask.path === 'machines/' && ask.op === undefined) {
    return new FerruleError(
      'maas-refused',
      `${message} (a machine with this BMC is in MAAS already)`,
      'Find the machine with this BMC address in MAAS: adopt it, or remove it there.',
      details,
    )
  }
  return new FerruleError(
    'maas-unreachable',
    `${message} (a conflict of transactions; nothing has happened)`,
    'Try again in a few seconds.',
    { ...details, retryAfter: answer.retryAfter },
  )
}

export function unreachable(
  ask: Ask,
  endpoints: readonly string[],
  cause: unknown,
  harmless: boolean,
): FerruleError {
  const remedy = harmless
    ? 'Check that the MAAS region controller runs and can be reached from here.'
    : 'Check that MAAS can be reached; what was asked may have happened: read the machine again before another try.'
  return new FerruleError(
    'maas-unreachable',
    `no answer from MAAS (${endpoints.join(', ')}) to ${ask.what}: ${reason(cause)}`,
    remedy,
    { mayHaveHappened: !harmless },
  )
}

/** Answered, but not as MAAS does: a proxy's page, a foreign server, or a version that changed its fields. */
export function unreadable(
  ask: Ask,
  answer: Pick<Answer, 'contentType' | 'body'>,
  where?: string,
): FerruleError {
  const seen = where ?? `${answer.contentType || 'no content type'}: ${words(answer)}`
  return new FerruleError(
    'maas-refused',
    `the answer of MAAS when asked to ${ask.what} is not understood (${seen})`,
    'Check that the MAAS URL leads to a region controller of MAAS 3.4 or newer, without a proxy’s page between.',
  )
}

/** The first 200 characters of an answer, without markup; JSON of {field: [messages]} as "field: message". */
function words(answer: Pick<Answer, 'contentType' | 'body'>): string {
  const fields = fieldsOf(answer)
  const text = fields
    ? Object.entries(fields)
        .map(([name, said]) => (name === '__all__' ? said : `${name}: ${said}`))
        .join('; ')
    : withoutMarkup(answer.body)
  return text.slice(0, 200)
}

function fieldsOf(answer: Pick<Answer, 'contentType' | 'body'>): Record<string, string> | null {
  if (!answer.contentType.startsWith('application/json')) return null
  try {
    const parsed: unknown = JSON.parse(answer.body)
    if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) return null
    return Object.fromEntries(
      Object.entries(parsed).map(([name, said]) => [
        name,
        Array.isArray(said) ? said.join(' ') : String(said),
      ]),
    )
  } catch {
    return null
  }
}

function withoutMarkup(text: string): string {
  return text
    .replace(/<(style|script)[\s\S]*?<\/\1>/gi, ' ')
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim()
}

function reason(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause)
  const inner = cause.cause instanceof AggregateError ? cause.cause.errors[0] : cause.cause
  if (inner instanceof Error && inner.name === 'TimeoutError') return 'the time is over'
  return inner instanceof Error && inner.message ? inner.message : cause.message
}

/** Is this MAAS's own refusal with one of these HTTP statuses? */
export function isMaasError(error: unknown, statuses: readonly number[]): boolean {
  return error instanceof FerruleError && statuses.includes(Number(error.details.status))
}

/** What a caller can tell by the exit status alone; documented in "ferrule --help". */
export const exitCodes = {
  ok: 0,
  /** The operation failed and was undone, or the server failed. */
  failed: 1,
  /** Wrong usage, or input that the server refused (4xx). */
  refused: 2,
  unreachable: 3,
  /** --timeout passed, or Ctrl-C: the operation goes on. */
  stillRunning: 4,
  /** The operation waits for a person. */
  parked: 5,
} as const

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes]

/** Ends the command: what went wrong, where, and what to do. */
export class CliFailure extends Error {
  readonly exitCode: ExitCode
  readonly where: string
  readonly remedy: string
  /** For --output json. */
  readonly details: unknown

  constructor(exitCode: ExitCode, what: string, where: string, remedy: string, details: unknown = null) {
    super(what)
    this.name = 'CliFailure'
    this.exitCode = exitCode
    this.where = where
    this.remedy = remedy
    this.details = details
  }
}

export function describeFailure(failure: CliFailure): string {
  const lines = [`error: ${failure.message}`]
  if (failure.where !== '') lines.push(`where: ${failure.where}`)
  if (failure.remedy !== '') lines.push(`do:    ${failure.remedy}`)
  return `${lines.join('\n')}\n`
}

export function usage(what: string, remedy: string): CliFailure {
  return new CliFailure(exitCodes.refused, what, '', remedy)
}

/** From problem+json (RFC 9457), or from whatever else came with an error status. */
export function fromProblem(status: number, body: unknown, path: string): CliFailure {
  const exitCode = status >= 400 && status < 500 ? exitCodes.refused : exitCodes.failed
  if (!isProblem(body))
    return new CliFailure(
      exitCode,
      `the server answered ${status}`,
      path,
      'Is it a Ferrule at this URL? See "ferrule status".',
      { status },
    )
  const faults = faultsOf(body.details)
  if (faults.length === 0) {
    const what = [`${body.detail} (${body.code})`, ...changesOf(body.details)].join('\n  ')
    return new CliFailure(exitCode, what, body.instance, body.remedy, body)
  }
  const what = `${faults.length} fault${faults.length > 1 ? 's' : ''} (${body.code})\n${faults.map((fault) => `  ${fault}`).join('\n')}`
  return new CliFailure(exitCode, what, body.instance, body.remedy, body)
}

interface ProblemBody {
  detail: string
  code: string
  remedy: string
  instance: string
  details?: unknown
}

function isProblem(body: unknown): body is ProblemBody {
  return typeof body === 'object' && body !== null && 'detail' in body && 'code' in body && 'remedy' in body
}

/** Of plan-changed: what is otherwise now, with its lines. */
function changesOf(details: unknown): string[] {
  if (typeof details !== 'object' || details === null || !('changed' in details)) return []
  if (!Array.isArray(details.changed)) return []
  return details.changed.flatMap(({ what, was, now }: { what: string; was: string | null; now: string[] }) =>
    was === null
      ? [`${what}, now:`, ...(now.length > 0 ? now : ['none']).map((line) => `  ${line}`)]
      : `${what}: ${was} -> ${now[0] ?? 'none'}`,
  )
}

function faultsOf(details: unknown): string[] {
  if (typeof details !== 'object' || details === null || !('faults' in details)) return []
  if (!Array.isArray(details.faults)) return []
  return details.faults.map((fault: { line?: number; path?: string; problem?: string }) => {
    const place = [fault.line === undefined ? '' : `line ${fault.line}`, fault.path ?? '']
    return `${place.filter((part) => part !== '').join(', ')}: ${fault.problem ?? 'is not valid'}`
  })
}

import type { Schemas } from './client.ts'
import { formatDuration } from './duration.ts'
import type { Session } from './session.ts'

type Step = Schemas['OperationWithSteps']['steps'][number]

/**
 * Live progress on stderr, a line for each step as it ends. On a terminal the step that runs stands below them and is
 * rewritten; elsewhere there is nothing but the lines.
 */
export class Progress {
  readonly #session: Session
  readonly #told = new Set<string>()
  #current = ''

  constructor(session: Session) {
    this.#session = session
  }

  show(operation: Schemas['OperationWithSteps']): void {
    for (const step of operation.steps) if (step.state !== 'running') this.#tell(step)
    const running = operation.steps.find((step) => step.state === 'running')
    const done = operation.steps.filter((step) => step.state === 'done' && step.direction === 'do').length
    this.#status(
      running && operation.endedAt === null
        ? `  ${done + 1}/${operation.planned.length}  ${describe(running)} …`
        : '',
    )
  }

  note(message: string): void {
    this.#line(`          ${message}`)
  }

  /** Leaves the terminal as it was found. */
  end(): void {
    this.#status('')
  }

  #tell(step: Step): void {
    const key = `${step.direction} ${step.name} ${step.attempt} ${step.state}`
    if (this.#told.has(key)) return
    this.#told.add(key)
    const took = step.endedAt === null ? 0 : Date.parse(step.endedAt) - Date.parse(step.startedAt)
    const mark = step.state === 'done' ? 'ok    ' : 'failed'
    const why = step.state === 'failed' && step.error ? `: ${step.error.message}` : ''
    this.#line(`  ${mark}  ${formatDuration(took).padStart(6)}  ${describe(step)}${why}`)
  }

  #line(text: string): void {
    const current = this.#current
    this.#status('')
    this.#session.err(`${text}\n`)
    this.#status(current)
  }

  #status(text: string): void {
    if (!this.#session.terminal || text === this.#current) return
    this.#session.err(`\r\u001b[2K${text}`)
    this.#current = text
  }
}

function describe(step: Step): string {
  const again = step.attempt > 1 ? ` (attempt ${step.attempt})` : ''
  return `${step.direction === 'undo' ? 'undo: ' : ''}${step.title}${again}`
}

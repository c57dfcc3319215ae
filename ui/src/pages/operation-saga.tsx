import type { Schemas } from '../api/client.ts'
import { useNow } from '../parts/now.ts'
import { clockText, durationText } from '../parts/time.tsx'
import { words } from '../words.ts'
import { type Step, StepDetails } from './operation-step.tsx'

type Operation = Schemas['OperationWithSteps']
const text = words.operation

type Phase =
  | 'planned'
  | 'running'
  | 'done'
  | 'failed'
  | 'skipped'
  | 'undoing'
  | 'undone'
  | 'parked'
  | 'notReached'

interface Node {
  name: string
  title: string
  phase: Phase
  tries: Step[]
}

const marks: Readonly<Record<Phase, string>> = {
  planned: '○',
  running: '◐',
  done: '●',
  failed: '✕',
  skipped: '↷',
  undoing: '↺',
  undone: '↶',
  parked: '!',
  notReached: '·',
}

/** The saga as a picture: its whole table in order, each step with what became of it. */
export function Saga({ operation }: { operation: Operation }) {
  const now = useNow()
  return (
    <ol className="saga">
      {nodesOf(operation).map((node) => (
        <li key={node.name} className={`phase-${node.phase}`}>
          <span className="mark" aria-hidden="true">
            {marks[node.phase]}
          </span>
          <div>
            <p className="step-head">
              <b>{node.title}</b> <span className="phase">{phaseText(node, operation)}</span>{' '}
              <span className="quiet">{took(node, now)}</span>
            </p>
            {node.tries.length > 0 && (
              <StepDetails
                tries={node.tries}
                open={node.phase === 'failed' || node.phase === 'parked'}
                now={now}
              />
            )}
          </div>
        </li>
      ))}
    </ol>
  )
}

function nodesOf(operation: Operation): Node[] {
  const tries = new Map<string, Step[]>()
  for (const step of operation.steps) tries.set(step.name, [...(tries.get(step.name) ?? []), step])
  const known = new Set(operation.planned.map(({ name }) => name))
  // a step of an older table, or one that the machinery adds
  const more = operation.steps.filter(({ name }) => !known.has(name))
  const titles = new Map([
    ...operation.planned.map(({ name, title }) => [name, title] as const),
    ...more.map(({ name, title }) => [name, title] as const),
  ])
  return [...titles].map(([name, title]) => {
    const own = tries.get(name) ?? []
    return { name, title, tries: own, phase: phaseOf(operation, name, own) }
  })
}

function phaseOf(operation: Operation, name: string, tries: readonly Step[]): Phase {
  if (operation.parked?.step === name) return 'parked'
  const last = tries.at(-1)
  if (last === undefined) {
    return operation.endedAt === null && operation.state !== 'undoing' ? 'planned' : 'notReached'
  }
  if (last.direction === 'undo') return last.state === 'done' ? 'undone' : 'undoing'
  return last.state === 'failed' && wentOn(operation, last) ? 'skipped' : last.state
}

/** Nothing comes after a step that failed, but where a person has skipped it, or to record that all of it was undone. */
function wentOn({ steps, state }: Operation, failed: Step): boolean {
  if (failed.evidence.some(({ kind }) => kind === 'operation.skip')) return true
  if (state === 'undoing' || state === 'undone' || state === 'cancelled') return false
  return steps.some(({ direction, seq }) => direction === 'do' && seq > failed.seq)
}

function phaseText({ phase, tries }: Node, operation: Operation): string {
  const count = tries.at(-1)?.attempt ?? 1
  const words = phase === 'planned' ? text.planned : text[phase]
  if (phase === 'parked' && operation.parked) {
    return `${text.parked}, ${text.waiting} ${clockText(operation.parked.nextRetryAt)}`
  }
  return count > 1 && phase !== 'done' ? `${words}, ${text.attempt(count)}` : words
}

function took({ tries }: Node, now: number): string {
  const first = tries[0]
  const last = tries.at(-1)
  if (first === undefined || last === undefined) return ''
  const end = last.endedAt === null ? now : Date.parse(last.endedAt)
  return durationText(Math.max(0, end - Date.parse(first.startedAt)))
}

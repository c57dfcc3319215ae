import type { Schemas } from '../api/client.ts'
import { sentence } from '../parts/problem.tsx'
import { durationText, Time } from '../parts/time.tsx'
import { Values } from '../parts/values.tsx'
import { words } from '../words.ts'

export type Step = Schemas['OperationWithSteps']['steps'][number]
const text = words.operation

/** What one step was given, what was seen in it, and what it hands on; its undo likewise. */
export function StepDetails({ tries, open, now }: { tries: readonly Step[]; open: boolean; now: number }) {
  const seen = tries.reduce((count, { evidence }) => count + evidence.length, 0)
  return (
    <details open={open}>
      <summary className="quiet">{text.details(seen)}</summary>
      {tries.map((step) => (
        <div key={`${step.direction} ${step.seq}`} className="step-details">
          <p>
            {step.direction === 'undo' ? text.undoing : ''} {text.attempt(step.attempt)}, {text[step.state]};{' '}
            <Time at={step.startedAt} />, {text.took}{' '}
            {durationText(step.tookMs ?? now - Date.parse(step.startedAt))}
          </p>
          {step.error && (
            <p className="step-error">
              {sentence(step.error.message)} <span className="remedy">{step.error.remedy}</span>
            </p>
          )}
          <h4>{text.evidence}</h4>
          {step.evidence.length === 0 ? (
            <p className="quiet">{text.noEvidence}</p>
          ) : (
            <ul className="evidence">
              {folded(step.evidence).map(({ last, times }) => (
                <li key={last.id}>
                  <Time at={last.at} /> <span>{last.message}</span>{' '}
                  {times > 1 && <span className="quiet">{text.times(times)}</span>}
                </li>
              ))}
            </ul>
          )}
          <h4>{text.given}</h4>
          <Values of={step.input} none={text.givenNothing} />
          {step.direction === 'do' && (
            <>
              <h4>{text.handedOn}</h4>
              <Values of={step.output} none={step.state === 'done' ? text.handedNothing : text.notYet} />
            </>
          )}
        </div>
      ))}
    </details>
  )
}

type Evidence = Step['evidence'][number]

/** Each try of what is parked says nearly the same again: the newest one, and how many there were. */
function folded(evidence: readonly Evidence[]): { last: Evidence; times: number }[] {
  const lines: { last: Evidence; times: number }[] = []
  for (const one of evidence) {
    const before = lines.at(-1)
    if (one.kind === 'operation.parked' && before?.last.kind === one.kind) {
      before.last = one
      before.times++
    } else lines.push({ last: one, times: 1 })
  }
  return lines
}

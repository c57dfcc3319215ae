import { useQuery } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import type { Schemas } from '../api/client.ts'
import { useOperation } from '../api/operation-stream.ts'
import { overviewQuery } from '../api/queries.ts'
import { Facts } from '../parts/facts.tsx'
import { keptPlan } from '../parts/kept-plan.ts'
import { useNow } from '../parts/now.ts'
import { OperationOf } from '../parts/operation-of.tsx'
import { Plan } from '../parts/plan.tsx'
import { Loaded } from '../parts/problem.tsx'
import { State } from '../parts/state.tsx'
import { durationText, Time } from '../parts/time.tsx'
import { Timeline } from '../parts/timeline.tsx'
import { Values } from '../parts/values.tsx'
import { Why } from '../parts/why.tsx'
import { words } from '../words.ts'
import { Left } from './attention.tsx'
import { OperationActions } from './operation-actions.tsx'
import { Saga } from './operation-saga.tsx'

type Operation = Schemas['OperationWithSteps']
const text = words.operation

export function OperationPage() {
  const { key } = useParams({ from: '/operations/$key' })
  const query = useOperation(key)
  return (
    <Loaded query={query} what={words.palette.operation(key)}>
      {(operation) => (
        <>
          <h1>
            {titleOf(operation)} <State state={operation.state} of="operation" />
          </h1>
          <OperationActions operation={operation} />
          <div className="columns">
            <section className="card" aria-label={text.steps}>
              <h2>{text.steps}</h2>
              <Saga operation={operation} />
            </section>
            <div>
              <Summary operation={operation} />
              <Why kind="operation" name={String(operation.number)} />
              <Planned operation={operation} />
              <Timeline of={{ operationId: operation.id }} />
            </div>
          </div>
        </>
      )}
    </Loaded>
  )
}

/** Nobody knows operations by their numbers alone. */
function titleOf({ kind, number, instance, host }: Operation): string {
  const of = instance ?? host
  return of === null ? text.title(kind, number) : text.titleOf(kind, number, of)
}

function Summary({ operation }: { operation: Operation }) {
  const overview = useQuery(overviewQuery)
  const now = useNow()
  const usual = overview.data?.usual.find(({ kind }) => kind === operation.kind)?.medianMs ?? null
  const begun = operation.startedAt ?? operation.createdAt
  const took = (operation.endedAt === null ? now : Date.parse(operation.endedAt)) - Date.parse(begun)
  return (
    <section className="card" aria-label={words.host.facts}>
      <h2>{words.host.facts}</h2>
      <Facts
        of={[
          [text.begun, <Time key="begun" at={begun} />],
          [text.ended, operation.endedAt && <Time at={operation.endedAt} />],
          [text.lasted, durationText(took)],
          [
            text.left,
            operation.endedAt === null ? <Left key="left" operation={operation} usualMs={usual} /> : null,
          ],
          [text.by, operation.createdBy],
          [text.host, operation.hostId && <OperationOf key="host" operation={operation} about="host" />],
          [
            text.instance,
            operation.instanceId && <OperationOf key="instance" operation={operation} about="instance" />,
          ],
          [text.error, operation.error?.message],
          [words.why.action, operation.error?.remedy],
        ]}
      />
      <details>
        <summary>{text.asked}</summary>
        <Values of={operation.input} none={words.none} />
      </details>
    </section>
  )
}

/** The plan that was seen before the button was pressed, and whether it came so. */
function Planned({ operation }: { operation: Operation }) {
  const plan = keptPlan(operation.id)
  if (plan === null) return null
  const got = operation.host
  return (
    <section className="card" aria-label={words.plan.asPlanned}>
      <h2>{words.plan.asPlanned}</h2>
      {got !== null && got === plan.host && <p>{words.plan.asPlannedOn(got)}</p>}
      <details>
        <summary>{words.plan.title}</summary>
        <Plan plan={plan} />
      </details>
    </section>
  )
}

import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { body, client, once, type Schemas } from '../api/client.ts'
import { Button } from '../parts/button.tsx'
import { Confirm } from '../parts/confirm.tsx'
import { saveJson } from '../parts/download.ts'
import { Problem } from '../parts/problem.tsx'
import { Time } from '../parts/time.tsx'
import { words } from '../words.ts'

type Operation = Schemas['OperationWithSteps']
const text = words.operation

export function OperationActions({ operation }: { operation: Operation }) {
  const queries = useQueryClient()
  const [asking, setAsking] = useState<'cancel' | 'skip' | null>(null)
  const [error, setError] = useState<Error | null>(null)
  const { parked } = operation
  const path = { path: { key: operation.id }, header: once() }
  const retry = () =>
    body(client.POST('/api/v1/operations/{key}/retry', { params: path }))
      .then(() => queries.invalidateQueries())
      .catch(setError)
  const hasEnded = operation.endedAt !== null
  return (
    <>
      {parked && (
        <section className="card parked" aria-label={text.parkedTitle}>
          <h2>{text.parkedTitle}</h2>
          <p>{parked.error.message}</p>
          <p className="remedy">{parked.error.remedy}</p>
          <ul>
            <li>{text.parkedRetry}</li>
            <li>{text.parkedCancel}</li>
            <li>
              {text.parkedWait} {text.nextRetry}: <Time at={parked.nextRetryAt} />
            </li>
          </ul>
        </section>
      )}
      <p className="buttons">
        <Button
          kind="primary"
          onClick={retry}
          why={hasEnded ? text.cancelWhy : parked ? null : text.retryWhy}
        >
          {text.retry}
        </Button>
        <Button
          kind="danger"
          onClick={() => setAsking('cancel')}
          why={hasEnded ? text.cancelWhy : operation.cancelRequested === null ? null : text.cancelAsked}
        >
          {text.cancel}
        </Button>
        <Button
          onClick={() => setAsking('skip')}
          why={!parked ? text.skipNotParked : parked.skippable ? null : text.skipWhyNot}
        >
          {text.skip}
        </Button>
        <Button onClick={() => void record(operation).catch(setError)}>{text.record}</Button>
      </p>
      {error && <Problem error={error} />}
      {asking === 'cancel' && (
        <Confirm
          title={text.cancelTitle(operation.kind, operation.number)}
          what={text.cancelWhat}
          button={text.cancel}
          onClose={() => setAsking(null)}
          act={() => body(client.POST('/api/v1/operations/{key}/cancel', { params: path, body: {} }))}
        />
      )}
      {asking === 'skip' && parked && (
        <Confirm
          title={text.skipTitle(parked.step)}
          what={text.skipWhat}
          button={text.skip}
          reason={text.reason}
          onClose={() => setAsking(null)}
          act={(reason) =>
            body(
              client.POST('/api/v1/operations/{key}/skip', {
                params: path,
                body: { step: parked.step, reason },
              }),
            )
          }
        />
      )}
    </>
  )
}

/** The operation, its steps and every event of it: what a report of a fault needs. */
async function record({ id, kind, number }: Operation): Promise<void> {
  const found = await body(client.GET('/api/v1/operations/{key}/record', { params: { path: { key: id } } }))
  saveJson(`ferrule-${kind}-${number}.json`, found)
}

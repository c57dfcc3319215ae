import { useQueryClient } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useState } from 'react'
import { body, client, once, type Schemas } from '../api/client.ts'
import { Button } from '../parts/button.tsx'
import { Confirm } from '../parts/confirm.tsx'
import { saveJson } from '../parts/download.ts'
import { Problem } from '../parts/problem.tsx'
import { Time } from '../parts/time.tsx'
import { words } from '../words.ts'
import { type OperationDeed, readOperationSearch } from './deeds.ts'

type Operation = Schemas['OperationWithSteps']
const text = words.operation

export function OperationActions({ operation }: { operation: Operation }) {
  const queries = useQueryClient()
  const navigate = useNavigate({ from: '/operations/$key' })
  const { do: wanted = null } = readOperationSearch(useSearch({ strict: false }))
  const setAsking = (deed: OperationDeed | null) =>
    void navigate({ search: deed === null ? {} : { do: deed }, replace: deed === null })
  // kept: it is tried again by itself meanwhile, and nobody's words may be lost by that
  const [skipping, setSkipping] = useState<Operation['parked']>(null)
  const [error, setError] = useState<Error | null>(null)
  const { parked } = operation
  const path = { path: { key: operation.id }, header: once() }
  const retry = () => body(client.POST('/api/v1/operations/{key}/retry', { params: path }))
  const hasEnded = operation.endedAt !== null
  const noCancel = whyNoCancel(operation)
  const refusals: Readonly<Record<OperationDeed, string | null>> = {
    retry: hasEnded ? text.cancelWhy : parked ? null : text.retryWhy,
    cancel: hasEnded
      ? text.cancelWhy
      : (noCancel ?? (operation.cancelRequested === null ? null : text.cancelAsked)),
  }
  const refusal = wanted === null ? null : refusals[wanted]
  const asking = refusal === null ? wanted : null
  return (
    <>
      {refusal !== null && <p role="status">{refusal}</p>}
      {parked && (
        <section className="card parked" aria-label={text.parkedTitle}>
          <h2>{text.parkedTitle}</h2>
          <p>{parked.error.message}</p>
          <p className="remedy">{parked.error.remedy}</p>
          <ul>
            <li>
              <b>{text.retry}</b>: {text.parkedRetry}
            </li>
            <li>
              <b>{text.cancel}</b>: {noCancel ?? text.parkedCancel}
            </li>
            <li>
              <b>{text.skip}</b>: {parked.skip ?? text.skipWhyNot}
            </li>
            <li>
              <b>{text.wait}</b>: {text.parkedWait} {text.nextRetry}: <Time at={parked.nextRetryAt} />
            </li>
          </ul>
        </section>
      )}
      <p className="buttons">
        <Button
          kind="primary"
          onClick={() =>
            void retry()
              .then(() => queries.invalidateQueries())
              .catch(setError)
          }
          why={refusals.retry}
        >
          {text.retry}
        </Button>
        <Button kind="danger" onClick={() => setAsking('cancel')} why={refusals.cancel}>
          {text.cancel}
        </Button>
        <Button
          onClick={() => setSkipping(parked)}
          why={!parked ? text.skipNotParked : parked.skip === null ? text.skipWhyNot : null}
        >
          {text.skip}
        </Button>
        <Button onClick={() => void record(operation).catch(setError)}>{text.record}</Button>
      </p>
      {error && <Problem error={error} />}
      {asking === 'retry' && (
        <Confirm
          title={text.retryTitle(operation.kind, operation.number)}
          what={text.retryWhat}
          button={text.retry}
          kind="primary"
          onClose={() => setAsking(null)}
          act={retry}
        />
      )}
      {asking === 'cancel' && (
        <Confirm
          title={text.cancelTitle(operation.kind, operation.number)}
          what={text.cancelWhat}
          button={text.cancel}
          onClose={() => setAsking(null)}
          act={() => body(client.POST('/api/v1/operations/{key}/cancel', { params: path, body: {} }))}
        />
      )}
      {skipping && (
        <Confirm
          title={text.skipTitle(skipping.step)}
          what={`${skipping.skip ?? ''} ${text.skipWhat}`}
          button={text.skip}
          reason={text.reason}
          onClose={() => setSkipping(null)}
          act={(reason) =>
            body(
              client.POST('/api/v1/operations/{key}/skip', {
                params: path,
                body: { step: skipping.step, reason },
              }),
            )
          }
        />
      )}
    </>
  )
}

/** What the API would say, before it is asked. Null: a cancel still takes something back. */
function whyNoCancel({ kind, parked }: Operation): string | null {
  if (kind === 'destroy' || kind === 'stop') return text.cancelOneWay
  if (parked?.direction === 'undo') return text.cancelUndoing
  return parked && kind !== 'reinstall' ? text.cancelBehind : null
}

/** The operation, its steps and every event of it: what a report of a fault needs. */
async function record({ id, kind, number }: Operation): Promise<void> {
  const found = await body(client.GET('/api/v1/operations/{key}/record', { params: { path: { key: id } } }))
  saveJson(`ferrule-${kind}-${number}.json`, found)
}

import { useNavigate, useSearch } from '@tanstack/react-router'
import { useState } from 'react'
import { body, client, once, type Schemas } from '../api/client.ts'
import { Button } from '../parts/button.tsx'
import { openConsole } from '../parts/console-link.ts'
import { PlannedDialog } from '../parts/planned-action.tsx'
import { Problem } from '../parts/problem.tsx'
import { words } from '../words.ts'
import { type InstanceDeed, readInstanceSearch } from './deeds.ts'

type Instance = Schemas['Instance']
type State = Instance['state']
const text = words.instance

/** In which state the API takes what; it alone decides. */
const allowed: Readonly<Record<InstanceDeed, readonly State[]>> = {
  start: ['stopped'],
  stop: ['running'],
  reboot: ['running'],
  reinstall: ['running', 'stopped', 'failed'],
  destroy: ['deploying', 'running', 'stopped', 'stopping', 'undoing', 'failed', 'parked'],
}

export function InstanceActions({ instance }: { instance: Instance }) {
  const navigate = useNavigate({ from: '/instances/$name' })
  const { do: wanted = null } = readInstanceSearch(useSearch({ strict: false }))
  const setAsking = (deed: InstanceDeed | null) =>
    void navigate({ search: deed === null ? {} : { do: deed }, replace: deed === null })
  const [error, setError] = useState<Error | null>(null)
  const path = { path: { key: instance.name } }
  const tell = (failure: unknown) => setError(failure instanceof Error ? failure : new Error(String(failure)))
  const why = (action: InstanceDeed) =>
    allowed[action].includes(instance.state) ? null : text.only(allowed[action].join(' or '), instance.state)
  const refusal = wanted === null ? null : why(wanted)
  const asking = refusal === null ? wanted : null
  return (
    <>
      {refusal !== null && <p role="status">{refusal}</p>}
      <p className="buttons">
        {(['start', 'stop', 'reboot'] as const).map((action) => (
          <Button key={action} why={why(action)} onClick={() => setAsking(action)}>
            {text[action]}
          </Button>
        ))}
        <Button
          why={instance.host === null ? text.noHost : null}
          onClick={() => instance.host !== null && void openConsole(instance.host).catch(tell)}
        >
          {words.host.console}
        </Button>
        <Button kind="danger" why={why('reinstall')} onClick={() => setAsking('reinstall')}>
          {text.reinstall}
        </Button>
        <Button kind="danger" why={why('destroy')} onClick={() => setAsking('destroy')}>
          {text.destroy}
        </Button>
      </p>
      {error && <Problem error={error} />}
      {(asking === 'start' || asking === 'stop' || asking === 'reboot') && (
        <PlannedDialog
          title={text.powerTitle(text[asking], instance.name)}
          what={text.powerWhat[asking]}
          button={text[asking]}
          kind="primary"
          planKey={[asking, instance.name]}
          plan={() => body(client.POST(`/api/v1/plans/${asking}`, { body: { instance: instance.name } }))}
          act={() =>
            body(client.POST(`/api/v1/instances/{key}/${asking}`, { params: { ...path, header: once() } }))
          }
          onClose={() => setAsking(null)}
        />
      )}
      {asking === 'destroy' && (
        <PlannedDialog
          title={text.destroyTitle(instance.name)}
          what={text.destroyWhat}
          button={text.destroy}
          planKey={['destroy', instance.name]}
          plan={() => body(client.POST('/api/v1/plans/destroy', { body: { instance: instance.name } }))}
          act={async () =>
            (await body(client.DELETE('/api/v1/instances/{key}', { params: { ...path, header: once() } })))
              .operation
          }
          onClose={() => setAsking(null)}
        />
      )}
      {asking === 'reinstall' && (
        <PlannedDialog
          title={text.reinstallTitle(instance.name)}
          what={text.reinstallWhat}
          button={text.reinstall}
          planKey={['reinstall', instance.name]}
          plan={() => body(client.POST('/api/v1/plans/reinstall', { body: { instance: instance.name } }))}
          act={() =>
            body(
              client.POST('/api/v1/instances/{key}/reinstall', {
                params: { ...path, header: once() },
                body: {},
              }),
            )
          }
          onClose={() => setAsking(null)}
        />
      )}
    </>
  )
}

import { useNavigate, useSearch } from '@tanstack/react-router'
import { useState } from 'react'
import { body, client, once } from '../api/client.ts'
import { Button } from '../parts/button.tsx'
import { Confirm } from '../parts/confirm.tsx'
import { openConsole } from '../parts/console-link.ts'
import { PlannedDialog } from '../parts/planned-action.tsx'
import { Problem } from '../parts/problem.tsx'
import { words } from '../words.ts'
import { type HostDeed, readHostSearch } from './deeds.ts'
import { HealDialog } from './host-drift.tsx'
import type { Host } from './hosts-columns.tsx'

const text = words.host

export function HostActions({ host }: { host: Host }) {
  const navigate = useNavigate({ from: '/hosts/$name' })
  const { do: wanted = null } = readHostSearch(useSearch({ strict: false }))
  const setAsking = (deed: HostDeed | null) =>
    void navigate({ search: deed === null ? {} : { do: deed }, replace: deed === null })
  const [error, setError] = useState<Error | null>(null)
  const [said, setSaid] = useState<string | null>(null)
  const path = { path: { key: host.id } }
  const taken = host.instanceId !== null ? text.hasInstance : host.operationId !== null ? text.isHeld : null
  const refusals: Readonly<Record<HostDeed, string | null>> = {
    heal: host.operationId !== null ? text.isHeld : null,
    erase: taken ?? (host.state === 'read-only' ? text.readOnly : null),
    remove: taken,
  }
  const refusal = wanted === null ? null : refusals[wanted]
  const asking = refusal === null ? wanted : null
  const tell = (failure: unknown) => setError(failure instanceof Error ? failure : new Error(String(failure)))
  const identify = () =>
    body(client.POST('/api/v1/hosts/{key}/identify', { params: path, body: { seconds: 60 } }))
      .then(() => setSaid(text.identified))
      .catch(tell)
  return (
    <>
      {host.attention?.code === 'person-needed' && <Asked host={host} onError={tell} />}
      {refusal !== null && <p role="status">{refusal}</p>}
      <p className="buttons">
        <Button onClick={() => void openConsole(host.name).catch(tell)}>{text.console}</Button>
        <Button onClick={() => void identify()}>{text.identify}</Button>
        <Button kind="danger" why={refusals.erase} onClick={() => setAsking('erase')}>
          {text.erase}
        </Button>
        <Button kind="danger" why={refusals.remove} onClick={() => setAsking('remove')}>
          {text.remove}
        </Button>
        {said !== null && <span role="status">{said}</span>}
      </p>
      {error && <Problem error={error} />}
      {asking === 'heal' && <HealDialog host={host.name} onClose={() => setAsking(null)} />}
      {asking === 'erase' && (
        <PlannedDialog
          title={text.eraseTitle(host.name)}
          what={text.eraseWhat}
          button={text.erase}
          planKey={['erase', host.name]}
          plan={() => body(client.POST('/api/v1/plans/erase', { body: { host: host.name } }))}
          act={() =>
            body(client.POST('/api/v1/hosts/{key}/erase', { params: { ...path, header: once() }, body: {} }))
          }
          onClose={() => setAsking(null)}
        />
      )}
      {asking === 'remove' && (
        <Confirm
          title={text.removeTitle(host.name)}
          what={text.removeWhat}
          button={text.remove}
          onClose={() => setAsking(null)}
          act={async () => {
            await body(client.DELETE('/api/v1/hosts/{key}', { params: path }))
            await navigate({ to: '/hosts' })
          }}
        />
      )}
    </>
  )
}

/** Where Ferrule reaches no BMC, it waits for a person's word. */
function Asked({ host, onError }: { host: Host; onError: (failure: unknown) => void }) {
  const path = { path: { key: host.id } }
  const power = (is: 'on' | 'off') =>
    void body(client.POST('/api/v1/hosts/{key}/confirm-power', { params: path, body: { power: is } })).catch(
      onError,
    )
  const boot = (is: 'network' | 'disk') =>
    void body(
      client.POST('/api/v1/hosts/{key}/confirm-boot-device', { params: path, body: { bootDevice: is } }),
    ).catch(onError)
  return (
    <section className="card parked" aria-label={text.confirm}>
      <h2>{text.confirm}</h2>
      <p>{host.attention?.message}</p>
      <p className="hint">{text.confirmHint}</p>
      <p className="buttons">
        <Button onClick={() => power('on')}>{text.confirmOn}</Button>
        <Button onClick={() => power('off')}>{text.confirmOff}</Button>
        <Button onClick={() => boot('network')}>{text.confirmNetwork}</Button>
        <Button onClick={() => boot('disk')}>{text.confirmDisk}</Button>
      </p>
    </section>
  )
}

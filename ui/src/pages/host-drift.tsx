import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { body, client, once, type Schemas } from '../api/client.ts'
import { driftQuery } from '../api/queries.ts'
import { Button } from '../parts/button.tsx'
import { PlannedDialog } from '../parts/planned-action.tsx'
import { portText } from '../parts/port-text.ts'
import { Loaded } from '../parts/problem.tsx'
import { Time } from '../parts/time.tsx'
import { words } from '../words.ts'
import type { Host } from './hosts-columns.tsx'

const text = words.host
type Drift = Schemas['Drift']

/** The NICs with the ports and VLANs that they have this moment, and what differs from what is wanted. */
export function HostDrift({ host }: { host: Host }) {
  const query = useQuery(driftQuery(host.name))
  const navigate = useNavigate({ from: '/hosts/$name' })
  const differs = query.data?.differences.some(({ remedy }) => remedy === 'heal') ?? false
  return (
    <section className="card" aria-label={text.nics}>
      <h2>{text.nics}</h2>
      {host.nics.length === 0 && <p>{text.noNics}</p>}
      {host.nics.length > 0 && <Wires host={host} drift={query.data} />}
      <h3>{text.drift}</h3>
      <Loaded query={query} what={text.drift}>
        {(drift) => <Differences drift={drift} />}
      </Loaded>
      <p className="buttons">
        <Button onClick={() => void query.refetch()}>{text.readAgain}</Button>
        <Button
          kind="primary"
          why={host.operationId !== null ? text.isHeld : differs ? null : text.healNothing}
          onClick={() => void navigate({ search: { do: 'heal' } })}
        >
          {text.heal}
        </Button>
        {query.dataUpdatedAt > 0 && (
          <span className="quiet">
            {text.readAt} <Time at={new Date(query.dataUpdatedAt).toISOString()} />
          </span>
        )}
      </p>
    </section>
  )
}

export function HealDialog({ host, onClose }: { host: string; onClose: () => void }) {
  return (
    <PlannedDialog
      title={words.switches.healTitle(host)}
      what={words.switches.healWhat}
      button={text.heal}
      kind="primary"
      planKey={['heal', host]}
      plan={() => body(client.POST('/api/v1/plans/heal', { body: { host } }))}
      act={() =>
        body(
          client.POST('/api/v1/hosts/{key}/heal', {
            params: { path: { key: host }, header: once() },
            body: {},
          }),
        )
      }
      onClose={onClose}
    />
  )
}

/** A NIC, its cable, its port, and what the port carries; two that are one bond are joined. */
function Wires({ host, drift }: { host: Host; drift: Drift | undefined }) {
  const wired = host.nics.filter(({ port }) => port !== null).length
  return (
    <ul className={wired > 1 ? 'wires bonded' : 'wires'}>
      {host.nics.map((nic) => {
        // the port of NICs in one pre-made LAG has the names of all of them
        const port = drift?.ports.find((one) => one.nic?.split(', ').includes(nic.name))
        const isDifferent = drift?.differences.some(
          ({ about, thing }) => about === 'port' && nic.port !== null && thing.includes(nic.port),
        )
        return (
          <li key={nic.mac}>
            <span className="nic">
              <b>{nic.name}</b> <code>{nic.mac}</code>
            </span>
            <span className="cable" aria-hidden="true" />
            <span className={isDifferent ? 'port differs' : 'port'}>
              {nic.port === null ? (
                text.notWired
              ) : (
                <>
                  <b>{nic.port}</b> {nic.switch}
                  <br />
                  <span className="vlans">{port ? portText(port.running) : ''}</span>
                </>
              )}
            </span>
          </li>
        )
      })}
    </ul>
  )
}

function Differences({ drift }: { drift: Drift }) {
  return (
    <>
      {drift.unknown !== null && <p>{drift.unknown}</p>}
      {drift.unread.length > 0 && (
        <ul className="problem">
          {drift.unread.map(({ thing, message }) => (
            <li key={thing}>
              {text.unread}: {thing}: {message}
            </li>
          ))}
        </ul>
      )}
      {drift.unknown === null && drift.differences.length === 0 && drift.unread.length === 0 && (
        <p>{text.noDrift}</p>
      )}
      {drift.differences.length > 0 && (
        <ul className="differences">
          {drift.differences.map((one) => (
            <li key={`${one.about} ${one.thing}`}>
              <b>
                {one.about} {one.thing}
              </b>
              : {text.wanted} {one.wanted}; {text.seen} {one.seen}. {text.putRightBy}{' '}
              {one.remedy === 'person' ? text.person : one.remedy}
            </li>
          ))}
        </ul>
      )}
    </>
  )
}

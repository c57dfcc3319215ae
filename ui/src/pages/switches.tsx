import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import type { Schemas } from '../api/client.ts'
import { switchPortsQuery } from '../api/queries.ts'
import { Button } from '../parts/button.tsx'
import { portText } from '../parts/port-text.ts'
import { Loaded } from '../parts/problem.tsx'
import { Time } from '../parts/time.tsx'
import { Wide } from '../parts/wide.tsx'
import { words } from '../words.ts'
import { HealDialog } from './host-drift.tsx'
import { RackPages } from './rack-pages.tsx'

const text = words.switches
type Switch = Schemas['Rack']['switches'][number]
type Port = Schemas['SwitchPorts']['ports'][number]

export function Switches() {
  return (
    <>
      <h1>{text.title}</h1>
      <p className="intro">{text.what}</p>
      <RackPages of="/switches" empty={text.empty}>
        {({ name, switches }, q) => {
          const named = switches.filter(({ address }) => address.includes(q))
          return (named.length > 0 ? named : switches).map((one) => (
            <SwitchPorts key={`${name} ${one.id}`} of={one} />
          ))
        }}
      </RackPages>
    </>
  )
}

/** wanted, running and saved of every port, read together by one login. */
function SwitchPorts({ of }: { of: Switch }) {
  const query = useQuery(switchPortsQuery(of.address))
  const [healing, setHealing] = useState<string | null>(null)
  return (
    <section className="card" aria-label={of.address}>
      <h2>
        {of.address} <span className="quiet">{of.type}</span>
      </h2>
      {of.health !== null && of.health.failures > 0 && (
        <p>{text.silent(of.health.failures, of.health.lastError)}</p>
      )}
      <p className={of.watch.state === 'subscribed' || of.watch.state === 'polled' ? 'quiet' : undefined}>
        {text.watch[of.watch.state]}
        {of.watch.since !== null && (
          <>
            {' '}
            {text.since} <Time at={of.watch.since} />
          </>
        )}
        {of.watch.failure !== null && <>: {of.watch.failure}</>}
      </p>
      <p className="buttons">
        <Button why={query.isFetching ? words.racks.reading : null} onClick={() => void query.refetch()}>
          {text.read}
        </Button>
        {query.dataUpdatedAt > 0 && (
          <span className="quiet">
            {words.host.readAt} <Time at={new Date(query.dataUpdatedAt).toISOString()} />
          </span>
        )}
      </p>
      <Loaded query={query} what={of.address}>
        {({ ports }) => (
          <Wide label={of.address}>
            <table>
              <thead>
                <tr>
                  {[text.port, text.host, text.nic, text.wanted, text.running, text.saved, text.heal].map(
                    (title) => (
                      <th key={title} scope="col">
                        {title}
                      </th>
                    ),
                  )}
                </tr>
              </thead>
              <tbody>
                {ports.map((port) => (
                  <PortRow key={port.port} port={port} heal={setHealing} />
                ))}
              </tbody>
            </table>
          </Wide>
        )}
      </Loaded>
      {healing !== null && <HealDialog host={healing} onClose={() => setHealing(null)} />}
    </section>
  )
}

function PortRow({ port: found, heal }: { port: Port; heal: (host: string) => void }) {
  const { port, host, nic, mac, wanted, running, saved, differs } = found
  return (
    <tr className={differs ? 'differs' : undefined}>
      <td>{port}</td>
      <td>
        {host === null ? (
          <span className="quiet">{text.notManaged}</span>
        ) : (
          <Link to="/hosts/$name" params={{ name: host }}>
            {host}
          </Link>
        )}
      </td>
      <td>
        {nic} <code>{mac}</code>
      </td>
      <td>{host === null ? '' : portText(wanted)}</td>
      <td>{portText(running)}</td>
      <td>{portText(saved)}</td>
      <td>
        {host !== null && (
          <Button
            why={wanted === null ? text.changing : differs ? null : text.nothing}
            onClick={() => heal(host)}
          >
            {text.heal}
          </Button>
        )}
      </td>
    </tr>
  )
}

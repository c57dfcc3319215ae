import { type UseQueryOptions, useQuery } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import type { Schemas } from '../api/client.ts'
import { eventLogQuery, inventoryQuery, sensorsQuery } from '../api/queries.ts'
import { Button } from '../parts/button.tsx'
import { Facts } from '../parts/facts.tsx'
import { Loaded } from '../parts/problem.tsx'
import { Time } from '../parts/time.tsx'
import { words } from '../words.ts'
import type { Host } from './hosts-columns.tsx'

const text = words.host

/** What takes a BMC seconds to tell is asked for by a person, not by a page. */
export function HostHardware({ host }: { host: Host }) {
  const key = host.name
  return (
    <>
      <Asked title={text.sensors} options={sensorsQuery(key)} show={(data) => <Sensors of={data} />} />
      <Asked title={text.inventory} options={inventoryQuery(key)} show={(data) => <Inventory of={data} />} />
      <Asked title={text.eventLog} options={eventLogQuery(key)} show={(data) => <Log of={data} />} />
    </>
  )
}

function Asked<Data, Key extends readonly unknown[]>({
  title,
  options,
  show,
}: {
  title: string
  options: UseQueryOptions<Data, Error, Data, Key>
  show: (data: Data) => ReactNode
}) {
  const [asked, setAsked] = useState(false)
  const query = useQuery({ ...options, enabled: asked })
  return (
    <section className="card" aria-label={title}>
      <h2>{title}</h2>
      {asked ? (
        <Loaded query={query} what={title}>
          {show}
        </Loaded>
      ) : (
        <Button onClick={() => setAsked(true)}>{text.ask}</Button>
      )}
    </section>
  )
}

const healthTone = { ok: 'good', warning: 'warn', critical: 'bad', unknown: 'calm' } as const

function Sensors({ of: { items } }: { of: Schemas['HostSensors'] }) {
  return (
    <ul className="sensors">
      {items.map((sensor) => (
        <li key={sensor.name}>
          <span>{sensor.name}</span>
          <span className={`state tone-${healthTone[sensor.health]}`}>
            {sensor.value === null
              ? sensor.states.join(', ') || words.none
              : `${sensor.value} ${sensor.unit}`}
          </span>
        </li>
      ))}
    </ul>
  )
}

function Inventory({ of: { bmc, maas, differences } }: { of: Schemas['HostInventory'] }) {
  return (
    <>
      <Facts
        of={[
          ['Manufacturer', bmc.manufacturer],
          [text.model, bmc.model],
          [text.serial, bmc.serial],
          ['UUID', bmc.uuid],
          ['Firmware', bmc.firmware],
          [`${text.serial} (MAAS)`, maas?.serial],
        ]}
      />
      {differences.length > 0 && (
        <ul className="problem">
          {differences.map((one) => (
            <li key={one}>{one}</li>
          ))}
        </ul>
      )}
    </>
  )
}

function Log({ of: { items } }: { of: Schemas['HostEventLog'] }) {
  if (items.length === 0) return <p>{text.emptyLog}</p>
  return (
    <ol className="timeline">
      {[...items].reverse().map((entry) => (
        <li key={entry.id}>
          {entry.at === null ? words.unknown : <Time at={entry.at} />}
          <span className="event-kind">{entry.severity}</span>
          <span>
            {entry.source}: {entry.message}
          </span>
        </li>
      ))}
    </ol>
  )
}

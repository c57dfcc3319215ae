import { type UseQueryOptions, useQuery } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import type { Schemas } from '../api/client.ts'
import { eventLogQuery, inventoryQuery, sensorsQuery } from '../api/queries.ts'
import { Button } from '../parts/button.tsx'
import { Loaded } from '../parts/problem.tsx'
import { Time } from '../parts/time.tsx'
import { Wide } from '../parts/wide.tsx'
import { words } from '../words.ts'
import type { Host } from './hosts-columns.tsx'

const text = words.host

/** What takes a BMC seconds to tell is asked for by a person, not by a page. */
export function HostHardware({ host }: { host: Host }) {
  const key = host.name
  return (
    <>
      <Asked title={text.sensors} options={sensorsQuery(key)} show={(data) => <Sensors of={data} />} />
      <Asked
        title={text.inventory}
        options={inventoryQuery(key)}
        show={(data) => <Inventory host={host} of={data} />}
      />
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

/** What the BMC says and what commissioning found, side by side. */
function Inventory({ host, of: { bmc, maas, differences } }: { host: Host; of: Schemas['HostInventory'] }) {
  const disksOf = (disks: readonly { serial: string | null }[]) =>
    disks.map(({ serial }) => serial ?? words.unknown).join(', ')
  const rows = [
    [text.serial, bmc.serial, maas?.serial],
    [text.uuid, bmc.uuid, maas?.uuid],
    [text.manufacturer, bmc.manufacturer, null],
    [text.model, bmc.model, null],
    [text.firmware, bmc.firmware, null],
    [text.diskSerials, disksOf(bmc.disks), disksOf(host.disks)],
  ] as const
  return (
    <>
      {maas === null && <p>{text.noMaas}</p>}
      <Wide label={text.inventory}>
        <table className="beside">
          <thead>
            <tr>
              {['', text.bmc, text.maas].map((title) => (
                <th key={title} scope="col">
                  {title}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map(([name, ofBmc, ofMaas]) => (
              <tr key={name}>
                <th scope="row">{name}</th>
                <td>{ofBmc || <span className="quiet">{text.notTold}</span>}</td>
                <td>{ofMaas || <span className="quiet">{text.notTold}</span>}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Wide>
      {bmc.notes?.map((note) => (
        <p key={note} className="hint">
          {note}
        </p>
      ))}
      {differences.length === 0 && maas !== null && <p>{text.sameMachine}</p>}
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
          <span>
            {entry.source}: {entry.message} <span className="quiet">{entry.severity}</span>
          </span>
        </li>
      ))}
    </ol>
  )
}

import { useQueries, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { Schemas } from '../api/client.ts'
import { cablesQuery, rackHostsQuery, switchPortsQuery } from '../api/queries.ts'
import { isLie } from '../parts/cable-verdict.ts'
import { portText } from '../parts/port-text.ts'
import { Loaded } from '../parts/problem.tsx'
import { State, toneOf } from '../parts/state.tsx'
import { Time } from '../parts/time.tsx'
import { words } from '../words.ts'
import { RackPages } from './rack-pages.tsx'
import { CableList } from './racks-cables.tsx'
import { type Carried, useCarried } from './racks-carried.ts'
import {
  type Frame,
  framesOf,
  type Place,
  placeIn,
  rowsOf,
  type Slot,
  topOf,
  type Wire,
} from './racks-layout.ts'

const text = words.racks
type Rack = Schemas['Rack']

export function Racks() {
  return (
    <>
      <div className="head">
        <h1>{text.title}</h1>
        <Link to="/racks/$name/edit" params={{ name: 'new' }} className="button primary">
          {text.apply}
        </Link>
      </div>
      <p className="intro">{text.legend}</p>
      <RackPages of="/racks" empty={text.empty}>
        {(rack) => <RackPicture key={rack.name} rack={rack} />}
      </RackPages>
    </>
  )
}

function RackPicture({ rack }: { rack: Rack }) {
  const hosts = useQuery(rackHostsQuery(rack.name))
  const cables = useQuery(cablesQuery(rack.name))
  return (
    <section className="card" aria-label={rack.name}>
      <h2>
        {rack.name}{' '}
        <span className="quiet">
          {text.applied} <Time at={rack.appliedAt} />
        </span>{' '}
        <Link to="/racks/$name/edit" params={{ name: rack.name }}>
          {text.edit}
        </Link>
      </h2>
      <Loaded query={hosts} what={words.hosts.title}>
        {(all) => (
          <div className="frames">
            {framesOf(rack, all).map((frame) => (
              <FramePicture key={frame.switches[0]?.id} frame={frame} cables={cables.data} />
            ))}
          </div>
        )}
      </Loaded>
      <Loaded query={cables} what={text.cables}>
        {(found) => <CableList cables={found} />}
      </Loaded>
    </section>
  )
}

type PortsRead = (one: Wire) => {
  port: Schemas['SwitchPorts']['ports'][number] | null
  fetching: boolean
  /** Why they could not be read, in the API's own words. */
  error: Error | null
}

/** What its ports carry is read from its switches, each by one login. */
function FramePicture({ frame, cables }: { frame: Frame; cables: Schemas['RackCables'] | undefined }) {
  const carried = useCarried()
  const read = useQueries({ queries: frame.switches.map(({ address }) => switchPortsQuery(address)) })
  const portsOf: PortsRead = ({ switch: one, port }) => {
    const query = read[frame.switches.indexOf(one)]
    return {
      port: query?.data?.ports.find((candidate) => candidate.port === port) ?? null,
      fetching: query?.isFetching ?? false,
      error: query?.error ?? null,
    }
  }
  const top = topOf(frame)
  const units = frame.slots.map((slot) => (
    <Unit
      key={slot.host?.id ?? slot.wires[0]?.mac}
      slot={slot}
      row={top === null ? undefined : rowsOf(placeIn(slot), top)}
      portsOf={portsOf}
      carried={carried}
      lieOf={(mac) => cables?.cables.find((cable) => cable.mac === mac && isLie(cable)) ?? null}
    />
  ))
  return (
    <div className="frame">
      <ol
        className={top === null ? undefined : 'to-scale'}
        style={top === null ? undefined : { gridTemplateRows: `repeat(${top}, 1.75rem)` }}
      >
        {frame.switches.map(({ id, address, type, place }, index) => (
          <li key={id} className="unit" style={{ gridRow: top === null ? undefined : rowsOf(place, top) }}>
            <UnitNumber place={place} />
            <span className="tor">
              <Link to="/switches" search={{ q: address }}>
                {address}
              </Link>{' '}
              {type}
              {read[index]?.error && (
                <strong className="dirty" title={read[index].error.message}>
                  {' '}
                  {text.silent}
                </strong>
              )}
            </span>
          </li>
        ))}
        {units}
      </ol>
      {top === null && <p className="hint">{text.unitNote}</p>}
    </div>
  )
}

function UnitNumber({ place }: { place: Place }) {
  return <span className="unit-number">{place?.unit}</span>
}

/** One server with its ports beside it: what they carry now, joined where they are one bond. */
function Unit({
  slot: { host, wires },
  row,
  portsOf,
  carried,
  lieOf,
}: {
  slot: Slot
  row: string | undefined
  portsOf: PortsRead
  carried: Carried
  lieOf: (mac: string) => Schemas['RackCables']['cables'][number] | null
}) {
  return (
    <li className="unit" style={{ gridRow: row }}>
      <UnitNumber place={placeIn({ host, wires })} />
      {host === null ? (
        <Link
          to="/hosts/new"
          search={{ mac: wires[0]?.mac ?? '' }}
          className="server tone-calm"
          title={text.noHostWhat(wires.map(({ mac }) => mac).join(', '))}
        >
          {text.noHost}
        </Link>
      ) : (
        <Link
          to="/hosts/$name"
          params={{ name: host.name }}
          className={`server tone-${toneOf(host.state)}`}
          title={`${host.name}: ${words.states[host.state] ?? host.state}, ${words.cpus(host.cpuCount)}${host.attention ? `. ${host.attention.message}` : ''}`}
        >
          {host.name} <State state={host.state} />
        </Link>
      )}
      <span
        className={wires.length > 1 ? 'ports bonded' : 'ports'}
        title={wires.length > 1 ? text.bond : undefined}
      >
        {wires.map((wire) => {
          const { switch: one, port, mac } = wire
          const lie = lieOf(mac)
          const { port: found, fetching, error } = portsOf(wire)
          return (
            <span
              key={mac}
              className={lie ? 'wire lie' : 'wire'}
              title={
                (lie && lieText(lie)) ??
                `${text.wire(port, one.address, mac)} ${error?.message ?? (found ? carried(found.running) : '')}`
              }
            >
              <span className="quiet">{one.address}</span> <b>{port}</b>{' '}
              {found ? portText(found.running) : fetching ? text.reading : text.unreadable}
              {lie && <strong> {text.lie}</strong>}
            </span>
          )
        })}
      </span>
    </li>
  )
}

/** What a witness says who saw the cable elsewhere; of two, the switch: it tells of now. */
function lieText({ seen, learned }: Schemas['RackCables']['cables'][number]): string | null {
  const [now, another] = learned
  if (now && !another)
    return (now.by === 'fdb' ? text.lieLearned : text.lieAnnounced)(`${now.switch} ${now.port}`)
  return seen && text.lieHeard(`${seen.switch} ${seen.port}`)
}

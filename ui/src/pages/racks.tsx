import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { Schemas } from '../api/client.ts'
import { cablesQuery, driftQuery, hostsQuery, racksQuery } from '../api/queries.ts'
import { isLie } from '../parts/cable-verdict.ts'
import { portText } from '../parts/port-text.ts'
import { Loaded } from '../parts/problem.tsx'
import { State, toneOf } from '../parts/state.tsx'
import { Time } from '../parts/time.tsx'
import { words } from '../words.ts'
import type { Host } from './hosts-columns.tsx'
import { CableList } from './racks-cables.tsx'
import { framesOf, type Slot } from './racks-layout.ts'

const text = words.racks
type Rack = Schemas['Rack']

export function Racks() {
  const racks = useQuery(racksQuery)
  const hosts = useQuery(hostsQuery(useQueryClient()))
  return (
    <>
      <div className="head">
        <h1>{text.title}</h1>
        <Link to="/racks/$name/edit" params={{ name: 'new' }} className="button primary">
          {text.apply}
        </Link>
      </div>
      <Loaded query={racks} what={text.title}>
        {(found) =>
          found.length === 0 ? (
            <p>{text.empty}</p>
          ) : (
            <Loaded query={hosts} what={words.hosts.title}>
              {(all) => found.map((rack) => <RackPicture key={rack.name} rack={rack} hosts={all} />)}
            </Loaded>
          )
        }
      </Loaded>
    </>
  )
}

function RackPicture({ rack, hosts }: { rack: Rack; hosts: readonly Host[] }) {
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
      <p className="hint">{text.unitNote}</p>
      <div className="frames">
        {framesOf(rack, hosts).map((frame) => (
          <div key={frame.switches[0]?.id} className="frame">
            {frame.switches.map((one) => (
              <p key={one.id} className="tor">
                <b>{one.address}</b> {one.type}
              </p>
            ))}
            <ol>
              {frame.slots.map((slot) => (
                <Unit key={slot.host?.id ?? slot.wires[0]?.mac} slot={slot} cables={cables.data} />
              ))}
            </ol>
          </div>
        ))}
      </div>
      <Loaded query={cables} what={text.cables}>
        {(found) => <CableList cables={found} />}
      </Loaded>
    </section>
  )
}

/** One server with its ports beside it: what they carry now, joined where they are one bond. */
function Unit({ slot, cables }: { slot: Slot; cables: Schemas['RackCables'] | undefined }) {
  const { host, wires } = slot
  const drift = useQuery({ ...driftQuery(host?.name ?? ''), enabled: host !== null })
  return (
    <li className="unit">
      {host === null ? (
        <span className="server tone-calm" title={text.noHost}>
          {text.noHost}
        </span>
      ) : (
        <Link
          to="/hosts/$name"
          params={{ name: host.name }}
          className={`server tone-${toneOf(host.state)}`}
          title={`${host.name}: ${words.states[host.state] ?? host.state}, ${host.cpuCount} CPUs${host.attention ? `. ${host.attention.message}` : ''}`}
        >
          {host.name} <State state={host.state} />
        </Link>
      )}
      <span
        className={wires.length > 1 ? 'ports bonded' : 'ports'}
        title={wires.length > 1 ? text.bond : undefined}
      >
        {wires.map(({ switch: one, port, mac }) => {
          const lie = cables?.cables.find((cable) => cable.mac === mac && isLie(cable))
          const found = drift.data?.ports.find(
            (candidate) =>
              candidate.port === port && candidate.nic !== null && isNic(host, candidate.nic, mac),
          )
          return (
            <span
              key={mac}
              className={lie ? 'wire lie' : 'wire'}
              title={
                lie?.seen
                  ? text.lieText(`${lie.seen.switch} ${lie.seen.port}`)
                  : `${one.address} ${port}, ${mac}`
              }
            >
              <b>{port}</b>{' '}
              {found
                ? portText(found.running)
                : drift.isFetching
                  ? text.reading
                  : host === null
                    ? ''
                    : text.unreadable}
              {lie && <strong> {text.lie}</strong>}
            </span>
          )
        })}
      </span>
    </li>
  )
}

function isNic(host: Host | null, name: string, mac: string): boolean {
  return host?.nics.some((nic) => nic.name === name && nic.mac === mac) ?? false
}

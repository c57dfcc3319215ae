import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { Schemas } from '../api/client.ts'
import { cableSummaryQuery, overviewQuery } from '../api/queries.ts'
import { useNow } from '../parts/now.ts'
import { Loaded } from '../parts/problem.tsx'
import { State } from '../parts/state.tsx'
import { Ago, durationText, Time } from '../parts/time.tsx'
import { words } from '../words.ts'
import { Cables } from './attention-cables.tsx'

type Overview = Schemas['Overview']
const text = words.attention

/** The front page: what needs a person, and why; then what is under way, and what is free. */
export function Attention() {
  const query = useQuery(overviewQuery)
  return (
    <>
      <h1>{text.title}</h1>
      <Loaded query={query} what={text.queue}>
        {(overview) => (
          <div className="columns">
            <div>
              <Queue overview={overview} />
              <Running overview={overview} />
            </div>
            <div>
              <Capacity overview={overview} />
              <States overview={overview} />
              <Cables />
            </div>
          </div>
        )}
      </Loaded>
    </>
  )
}

function Queue({ overview }: { overview: Overview }) {
  const { attention, attentionCount, wellSince, hosts } = overview
  // told in a card of its own, for it is read from MAAS behind the page
  const lies = useQuery(cableSummaryQuery).data?.lieCount ?? 0
  if (attention.length === 0 && lies > 0)
    return (
      <section className="card" aria-label={text.queue}>
        <h2>{text.onlyCables}</h2>
        <p className="lie">
          <Link to="/racks">{text.cablesLie(lies)}</Link>
        </p>
        <p className="remedy">
          <b>{text.action}:</b> {text.cablesRemedy}
        </p>
      </section>
    )
  if (attention.length === 0)
    return (
      <section className="card all-well" aria-label={text.queue}>
        <h2>{hosts.length === 0 ? text.newSite : text.well}</h2>
        {hosts.length === 0 ? (
          <FirstSteps />
        ) : (
          wellSince !== null && (
            <p>
              {text.wellSince} <Time at={wellSince} /> (<Ago at={wellSince} />
              ).
            </p>
          )
        )}
      </section>
    )
  return (
    <section className="card" aria-label={text.queue}>
      <h2>
        {text.queue} <span className="count">{attentionCount}</span>
      </h2>
      {attentionCount > attention.length && <p>{text.more(attention.length, attentionCount)}</p>}
      <ul className="queue">
        {attention.map((item) => (
          <li key={`${item.about} ${item.object.id}`} className={`about-${item.about}`}>
            <p className="queue-head">
              <span className="about">{text.about[item.about] ?? item.about}</span>
              <ObjectLink of={item.object} />
              {item.since !== null && (
                <span className="since">
                  {text.since} <Time at={item.since} /> (<Ago at={item.since} />)
                </span>
              )}
            </p>
            <p>{item.message}</p>
            <p className="remedy">
              <b>{text.action}:</b> {item.action} <Where of={item} />
            </p>
          </li>
        ))}
      </ul>
    </section>
  )
}

/** Where the one safe thing is done, if it is done here. */
function Where({ of: { about, object } }: { of: Overview['attention'][number] }) {
  if (about === 'parked')
    return (
      <Link to="/operations/$key" params={{ key: object.name }}>
        {text.choices}
      </Link>
    )
  if (about === 'asked')
    return (
      <Link to="/hosts/$name" params={{ name: object.name }}>
        {text.answer}
      </Link>
    )
  if (about === 'unproven')
    return (
      <Link to="/hosts/$name" params={{ name: object.name }} search={{ do: 'erase' }}>
        {text.erase}
      </Link>
    )
  return null
}

/** What a new site is made of, in the order in which one needs the other. */
function FirstSteps() {
  const { rack, host, deploy } = text.first
  return (
    <>
      <p>{text.newSiteHint}</p>
      <ol>
        <li>
          <Link to="/racks/$name/edit" params={{ name: 'new' }}>
            {rack.link}
          </Link>
          {rack.why}
        </li>
        <li>
          <Link to="/hosts/new">{host.link}</Link>
          {host.why}
        </li>
        <li>
          <Link to="/instances/new">{deploy.link}</Link>
          {deploy.why}
        </li>
      </ol>
    </>
  )
}

function ObjectLink({ of }: { of: Overview['attention'][number]['object'] }) {
  if (of.kind === 'operation')
    return (
      <Link to="/operations/$key" params={{ key: of.name }}>
        {words.palette.operation(of.name)}
      </Link>
    )
  if (of.kind === 'host')
    return (
      <Link to="/hosts/$name" params={{ name: of.name }}>
        {of.name}
      </Link>
    )
  // nothing here has a page of it
  if (of.kind === 'cloudstack') return <span>{of.name}</span>
  if (of.kind === 'switch')
    return (
      <Link to="/switches" search={{ q: of.name }}>
        {of.name}
      </Link>
    )
  return (
    <Link to="/instances/$name" params={{ name: of.name }}>
      {of.name}
    </Link>
  )
}

function Running({ overview: { running } }: { overview: Overview }) {
  return (
    <section className="card" aria-label={text.running}>
      <h2>{text.running}</h2>
      {running.length === 0 ? (
        <p>{text.nothingRuns}</p>
      ) : (
        <ul className="running">
          {running.map(({ operation, name, usualMs }) => (
            <li key={operation.id}>
              <Link to="/operations/$key" params={{ key: String(operation.number) }}>
                {operation.kind} {operation.number}
              </Link>
              <span>{name}</span>
              <State state={operation.state} of="operation" />
              <Left operation={operation} usualMs={usualMs} />
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}

/** Time left by this site's own history, or that there is none; of what is parked, that time alone ends nothing. */
export function Left({ operation, usualMs }: { operation: Schemas['Operation']; usualMs: number | null }) {
  const now = useNow()
  if (operation.parked)
    return (
      <span>
        {text.waitsForPerson} <Time at={operation.parked.nextRetryAt} />
      </span>
    )
  if (usualMs === null) return <span className="quiet">{text.noHistory}</span>
  const left = Date.parse(operation.startedAt ?? operation.createdAt) + usualMs - now
  return (
    <span className="left">
      <progress
        max={usualMs}
        value={Math.min(usualMs, usualMs - left)}
        aria-label={`${operation.kind} ${operation.number}`}
      />
      {left > 0 ? text.leftAbout(durationText(left)) : text.over(durationText(-left))}
    </span>
  )
}

function Capacity({ overview: { capacity } }: { overview: Overview }) {
  return (
    <section className="card" aria-label={text.capacity}>
      <h2>{text.capacity}</h2>
      {capacity.length === 0 ? (
        <p>{text.noOfferings}</p>
      ) : (
        <ul className="capacity">
          {capacity.map(({ offering, free, fitting }) => (
            <li key={offering}>
              <span>{offering}</span>
              <meter min={0} max={Math.max(1, fitting)} value={free} aria-label={offering} />
              <span>{fitting === 0 ? text.noneFits : text.free(free, fitting)}</span>
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}

function States({ overview: { hosts } }: { overview: Overview }) {
  return (
    <section className="card" aria-label={text.hosts}>
      <h2>{text.hosts}</h2>
      {hosts.length === 0 && <p>{words.hosts.empty}</p>}
      <ul className="counts">
        {hosts.map(({ state, count }) => (
          <li key={state}>
            <Link to="/hosts" search={{ state }}>
              <State state={state} /> {count}
            </Link>
          </li>
        ))}
      </ul>
    </section>
  )
}

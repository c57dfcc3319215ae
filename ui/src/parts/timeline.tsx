import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { eventsQuery } from '../api/queries.ts'
import { words } from '../words.ts'
import { Loaded } from './problem.tsx'
import { Time } from './time.tsx'

/** Everything that happened to one thing, the newest first. */
export function Timeline({ of }: { of: { hostId?: string; instanceId?: string; operationId?: string } }) {
  const query = useQuery(eventsQuery(of))
  return (
    <section className="card" aria-label={words.timeline.title}>
      <h2>{words.timeline.title}</h2>
      <Loaded query={query} what={words.timeline.title}>
        {({ items }) =>
          items.length === 0 ? (
            <p>{words.timeline.empty}</p>
          ) : (
            // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
            <ol className="timeline" tabIndex={0} aria-label={words.timeline.title}>
              {[...items].reverse().map((event) => (
                <li key={event.id}>
                  <Time at={event.at} />
                  <span className="event-kind">{event.kind}</span>
                  <span>
                    {event.message}{' '}
                    {event.operationId !== null && of.operationId === undefined && (
                      <Link to="/operations/$key" params={{ key: event.operationId }}>
                        {words.timeline.operation}
                      </Link>
                    )}
                  </span>
                </li>
              ))}
            </ol>
          )
        }
      </Loaded>
    </section>
  )
}

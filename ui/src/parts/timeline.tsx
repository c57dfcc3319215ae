import { useInfiniteQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { eventsQuery } from '../api/queries.ts'
import { words } from '../words.ts'
import { Button } from './button.tsx'
import { Loaded } from './problem.tsx'
import { Time } from './time.tsx'

/** Everything that happened to one thing, the newest first. */
export function Timeline({ of }: { of: { hostId?: string; instanceId?: string; operationId?: string } }) {
  const query = useInfiniteQuery(eventsQuery(of))
  return (
    <section className="card" aria-label={words.timeline.title}>
      <h2>{words.timeline.title}</h2>
      <Loaded query={query} what={words.timeline.title}>
        {({ pages }) =>
          pages[0]?.items.length === 0 ? (
            <p>{words.timeline.empty}</p>
          ) : (
            // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
            <ol className="timeline" tabIndex={0} aria-label={words.timeline.title}>
              {pages
                .flatMap(({ items }) => items)
                .map((event) => (
                  <li key={event.id}>
                    <Time at={event.at} />
                    <span>
                      {event.message} <span className="quiet">{event.kind}</span>{' '}
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
      {query.hasNextPage && (
        <p className="buttons">
          <Button
            why={query.isFetchingNextPage ? words.loading(words.timeline.title) : null}
            onClick={() => void query.fetchNextPage()}
          >
            {words.timeline.older}
          </Button>
        </p>
      )}
    </section>
  )
}

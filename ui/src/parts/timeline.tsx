import { useInfiniteQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { Schemas } from '../api/client.ts'
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
              {folded(pages.flatMap(({ items }) => items)).map(({ newest, times }) => (
                <li key={newest.id}>
                  <Time at={newest.at} />
                  <span title={newest.kind}>
                    {newest.message}{' '}
                    {times > 1 && <span className="quiet">{words.timeline.times(times)}</span>}{' '}
                    {newest.operation !== null && of.operationId === undefined && (
                      <Link to="/operations/$key" params={{ key: String(newest.operation.number) }}>
                        {words.operation.title(newest.operation.kind, newest.operation.number)}
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

type Event = Schemas['Event']

/** Each try of what is parked says the same again but for its numbers: the newest one, and how many there were. */
function folded(events: readonly Event[]): { newest: Event; times: number }[] {
  const lines: { newest: Event; times: number }[] = []
  for (const event of events) {
    const line = lines.at(-1)
    if (line && saysTheSame(line.newest, event)) line.times++
    else lines.push({ newest: event, times: 1 })
  }
  return lines
}

function saysTheSame(one: Event, other: Event): boolean {
  const words = ({ message }: Event) => message.replaceAll(/\d+/g, '#')
  return one.kind === 'operation.parked' && one.kind === other.kind && words(one) === words(other)
}

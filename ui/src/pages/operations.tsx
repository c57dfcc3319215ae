import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { body, client, type Schemas } from '../api/client.ts'
import { useNow } from '../parts/now.ts'
import { Loaded } from '../parts/problem.tsx'
import { State } from '../parts/state.tsx'
import { durationText, Time } from '../parts/time.tsx'
import { Wide } from '../parts/wide.tsx'
import { words } from '../words.ts'

const text = words.operations

export interface OperationsSearch {
  live?: boolean
  before?: string
}

export function readOperationsSearch(search: Record<string, unknown>): OperationsSearch {
  return {
    ...(search.live === true ? { live: true } : {}),
    ...(search.before === undefined ? {} : { before: String(search.before) }),
  }
}

export function Operations() {
  const { live, before } = readOperationsSearch(useSearch({ strict: false }))
  const navigate = useNavigate({ from: '/operations' })
  const query = useQuery({
    queryKey: ['operations', 'all', live ?? false, before ?? null],
    queryFn: () =>
      body(
        client.GET('/api/v1/operations', {
          params: {
            query: {
              limit: 50,
              ...(live ? { live: 'true' as const } : {}),
              ...(before === undefined ? {} : { before }),
            },
          },
        }),
      ),
    refetchInterval: 3_000,
  })
  return (
    <>
      <h1>{text.title}</h1>
      <p className="tools">
        <label>
          <input
            type="checkbox"
            checked={live ?? false}
            onChange={(event) => navigate({ search: event.target.checked ? { live: true } : {} })}
          />{' '}
          {text.live}
        </label>
      </p>
      <Loaded query={query} what={text.title}>
        {({ items, next }) => (
          <>
            {items.length === 0 ? (
              <p>{live ? text.emptyLive : text.empty}</p>
            ) : (
              <OperationList items={items} />
            )}
            <p className="tools">
              {before !== undefined && (
                <Link to="/operations" search={live ? { live } : {}}>
                  {text.newest}
                </Link>
              )}{' '}
              {next !== null && (
                <Link to="/operations" search={{ ...(live ? { live } : {}), before: next }}>
                  {text.older}
                </Link>
              )}
            </p>
          </>
        )}
      </Loaded>
    </>
  )
}

/** Also on the pages of hosts and instances. */
export function OperationList({ items }: { items: readonly Schemas['Operation'][] }) {
  const now = useNow()
  return (
    <Wide label={text.title}>
      <table>
        <thead>
          <tr>
            {[text.number, text.kind, text.state, text.begun, text.took, text.by].map((title) => (
              <th key={title} scope="col">
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {items.map((operation) => (
            <tr key={operation.id}>
              <td>
                <Link to="/operations/$key" params={{ key: String(operation.number) }}>
                  {operation.number}
                </Link>
              </td>
              <td>{operation.kind}</td>
              <td>
                <State state={operation.state} of="operation" />
              </td>
              <td>
                <Time at={operation.createdAt} />
              </td>
              <td>
                {durationText(
                  (operation.endedAt === null ? now : Date.parse(operation.endedAt)) -
                    Date.parse(operation.startedAt ?? operation.createdAt),
                )}
              </td>
              <td>{operation.createdBy}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Wide>
  )
}

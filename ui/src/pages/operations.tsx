import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { body, client, type Schemas } from '../api/client.ts'
import { TextField } from '../parts/field.tsx'
import { useNow } from '../parts/now.ts'
import { type About, OperationOf } from '../parts/operation-of.tsx'
import { Loaded } from '../parts/problem.tsx'
import { State } from '../parts/state.tsx'
import { durationText, Time } from '../parts/time.tsx'
import { Wide } from '../parts/wide.tsx'
import { words } from '../words.ts'

const text = words.operations
type Operation = Schemas['Operation']
interface Of {
  of: Operation
}

export interface OperationsSearch {
  /** Part of the name of a host or an instance. */
  q?: string
  live?: boolean
  before?: string
}

export function readOperationsSearch(search: Record<string, unknown>): OperationsSearch {
  return {
    ...(search.q === undefined || search.q === '' ? {} : { q: String(search.q) }),
    ...(search.live === true ? { live: true } : {}),
    ...(search.before === undefined ? {} : { before: String(search.before) }),
  }
}

export function Operations() {
  const search = readOperationsSearch(useSearch({ strict: false }))
  const { q, live, before } = search
  const navigate = useNavigate({ from: '/operations' })
  const query = useQuery({
    queryKey: ['operations', 'all', q ?? '', live ?? false, before ?? null],
    queryFn: () =>
      body(
        client.GET('/api/v1/operations', {
          params: {
            query: {
              limit: 50,
              ...(q === undefined ? {} : { text: q }),
              ...(live ? { live: 'true' as const } : {}),
              ...(before === undefined ? {} : { before }),
            },
          },
        }),
      ),
    refetchInterval: 3_000,
    // while it is typed the list stays
    placeholderData: keepPreviousData,
  })
  /** Another choice begins at the newest one again. */
  const choose = (next: OperationsSearch) =>
    navigate({ search: readOperationsSearch({ q, live, ...next }), replace: 'q' in next })
  return (
    <>
      <h1>{text.title}</h1>
      <div className="tools">
        <TextField label={text.filter} value={q ?? ''} onChange={(typed) => choose({ q: typed })} />
        <label>
          <input
            type="checkbox"
            checked={live ?? false}
            onChange={(event) => choose({ live: event.target.checked })}
          />{' '}
          {text.live}
        </label>
      </div>
      <Loaded query={query} what={text.title}>
        {({ items, next }) => (
          <>
            {items.length === 0 ? (
              <p>{q !== undefined ? text.emptyOf(q) : live ? text.emptyLive : text.empty}</p>
            ) : (
              <OperationTable items={items} columns={wholeList} />
            )}
            <p className="tools">
              {before !== undefined && (
                <Link to="/operations" search={{ ...search, before: undefined }}>
                  {text.newest}
                </Link>
              )}{' '}
              {next !== null && (
                <Link to="/operations" search={{ ...search, before: next }}>
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

/** Of one host or instance, in a card of its page: it says of the other which it is, and leaves out what has no room. */
export function OperationsOf({ items, other }: { items: readonly Operation[]; other: About }) {
  return <OperationTable items={items} columns={['called', other, 'state', 'begun', 'took']} />
}

const wholeList = ['number', 'kind', 'host', 'instance', 'state', 'begun', 'took', 'by'] as const

function OperationTable({ items, columns }: { items: readonly Operation[]; columns: readonly Cell[] }) {
  return (
    <Wide label={text.title}>
      <table>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column} scope="col">
                {text.cells[column]}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {items.map((operation) => (
            <tr key={operation.id}>
              {columns.map((column) => {
                const Shown = cells[column]
                return (
                  <td key={column}>
                    <Shown of={operation} />
                  </td>
                )
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </Wide>
  )
}

const cells = {
  number: ({ of }: Of) => <ToOperation of={of}>{of.number}</ToOperation>,
  called: ({ of }: Of) => <ToOperation of={of}>{words.operation.title(of.kind, of.number)}</ToOperation>,
  kind: ({ of }: Of) => of.kind,
  host: ({ of }: Of) => <OperationOf operation={of} about="host" />,
  instance: ({ of }: Of) => <OperationOf operation={of} about="instance" />,
  state: ({ of }: Of) => <State state={of.state} of="operation" />,
  begun: ({ of }: Of) => <Time at={of.createdAt} />,
  took: Took,
  by: ({ of }: Of) => of.createdBy,
} as const
type Cell = keyof typeof cells

function ToOperation({ of, children }: Of & { children: ReactNode }) {
  return (
    <Link to="/operations/$key" params={{ key: String(of.number) }}>
      {children}
    </Link>
  )
}

function Took({ of: { startedAt, createdAt, endedAt } }: Of) {
  const now = useNow()
  return durationText((endedAt === null ? now : Date.parse(endedAt)) - Date.parse(startedAt ?? createdAt))
}

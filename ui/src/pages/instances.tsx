import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import type { Schemas } from '../api/client.ts'
import { instancesQuery } from '../api/queries.ts'
import { TextField } from '../parts/field.tsx'
import { Loaded } from '../parts/problem.tsx'
import { State } from '../parts/state.tsx'
import { type Column, RowLink, Table } from '../parts/table.tsx'
import { Time, timeSample } from '../parts/time.tsx'
import { words } from '../words.ts'

type Instance = Schemas['Instance']
const text = words.instances

export const instanceColumns: Column<Instance>[] = [
  {
    id: 'name',
    title: text.name,
    text: ({ name }) => name,
    leastPx: 120,
    cell: ({ name }) => <RowLink to={`/instances/${encodeURIComponent(name)}`}>{name}</RowLink>,
  },
  {
    id: 'state',
    title: text.state,
    text: ({ state }) => words.states[state] ?? state,
    cell: ({ state }) => <State state={state} />,
    morePx: 14,
  },
  {
    id: 'host',
    title: text.host,
    text: ({ host }) => host ?? '',
    leastPx: 100,
    cell: ({ host }) => host && <RowLink to={`/hosts/${encodeURIComponent(host)}`}>{host}</RowLink>,
  },
  { id: 'tenant', title: text.tenant, text: ({ tenant }) => tenant ?? '', leastPx: 80 },
  { id: 'template', title: text.template, text: ({ template }) => template ?? '', leastPx: 100 },
  { id: 'offering', title: text.offering, text: ({ offering }) => offering ?? '', leastPx: 100 },
  {
    id: 'networks',
    title: text.networks,
    text: ({ nics }) => nics.map(({ network, vlan }) => `${network ?? ''} (${vlan})`).join(', '),
    leastPx: 120,
  },
  {
    id: 'created',
    title: text.created,
    text: ({ createdAt }) => timeSample(createdAt),
    cell: ({ createdAt }) => <Time at={createdAt} />,
  },
]

/** In the address of the page, so that what was looked for can be sent to somebody. */
export function readInstancesSearch({ q }: Record<string, unknown>): { q?: string } {
  return typeof q === 'string' || typeof q === 'number' ? { q: String(q) } : {}
}

/** Everything that the filter looks in: what the columns say. */
function saidOf(instance: Instance): string {
  return instanceColumns
    .map(({ text }) => text(instance))
    .join(' ')
    .toLowerCase()
}

export function Instances() {
  const query = useQuery(instancesQuery(useQueryClient()))
  const { q = '' } = readInstancesSearch(useSearch({ strict: false }))
  const navigate = useNavigate({ from: '/instances' })
  return (
    <>
      <div className="head">
        <h1>{text.title}</h1>
        <Link to="/instances/new" className="button primary">
          {text.deploy}
        </Link>
      </div>
      <Loaded query={query} what={text.title}>
        {(all) => {
          const parts = q.toLowerCase().split(/\s+/).filter(Boolean)
          const shown = all.filter((one) => parts.every((part) => saidOf(one).includes(part)))
          if (all.length === 0) return <p>{text.empty}</p>
          return (
            <>
              <div className="tools">
                <TextField
                  label={text.filter}
                  placeholder={text.filterHint}
                  value={q}
                  onChange={(next) =>
                    void navigate({ search: next === '' ? {} : { q: next }, replace: true })
                  }
                />
              </div>
              {shown.length === 0 ? (
                <p>{text.noMatch}</p>
              ) : (
                <Table
                  label={text.title}
                  columns={instanceColumns}
                  rows={all}
                  lines={shown.map((row) => ({ row }))}
                  keyOf={({ id }) => id}
                />
              )}
            </>
          )
        }}
      </Loaded>
    </>
  )
}

import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
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

const columns: Column<Instance>[] = [
  {
    id: 'name',
    title: text.name,
    text: ({ name }) => name,
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
    cell: ({ host }) => host && <RowLink to={`/hosts/${encodeURIComponent(host)}`}>{host}</RowLink>,
  },
  { id: 'tenant', title: text.tenant, text: ({ tenant }) => tenant ?? '' },
  { id: 'template', title: text.template, text: ({ template }) => template ?? '' },
  { id: 'offering', title: text.offering, text: ({ offering }) => offering ?? '' },
  {
    id: 'networks',
    title: text.networks,
    text: ({ nics }) => nics.map(({ network, vlan }) => `${network ?? ''} (${vlan})`).join(', '),
  },
  {
    id: 'created',
    title: text.created,
    text: ({ createdAt }) => timeSample(createdAt),
    cell: ({ createdAt }) => <Time at={createdAt} />,
  },
]

export function Instances() {
  const query = useQuery(instancesQuery(useQueryClient()))
  const [filter, setFilter] = useState('')
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
          const shown = all.filter((one) =>
            `${one.name} ${one.host ?? ''} ${one.state} ${one.offering ?? ''} ${one.tenant ?? ''}`.includes(
              filter,
            ),
          )
          if (all.length === 0) return <p>{text.empty}</p>
          return (
            <>
              <div className="tools">
                <TextField label={text.filter} value={filter} onChange={setFilter} />
              </div>
              {shown.length === 0 ? (
                <p>{text.noMatch}</p>
              ) : (
                <Table
                  label={text.title}
                  columns={columns}
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

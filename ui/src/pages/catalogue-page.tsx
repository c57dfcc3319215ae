import { type UseQueryResult, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { Schemas } from '../api/client.ts'
import { instancesQuery } from '../api/queries.ts'
import { Facts } from '../parts/facts.tsx'
import { Loaded } from '../parts/problem.tsx'
import { Table } from '../parts/table.tsx'
import { words } from '../words.ts'
import type { Columns, Named } from './catalogue.tsx'
import type { DeploySearch } from './deeds.ts'
import { instanceColumns } from './instances.tsx'

const text = words.catalogue

/** One network, template or offering: what it says, which instances have it, and a deploy that begins with it. */
export function CataloguePage<Item extends Named>({
  name,
  list: [path, title],
  query,
  facts,
  deploy,
  uses,
}: {
  name: string
  /** Where all of them are, and how that page is called. */
  list: readonly ['/networks' | '/templates' | '/offerings', string]
  query: UseQueryResult<Item[], Error>
  facts: Columns<Item>
  deploy: DeploySearch
  uses: (instance: Schemas['Instance']) => boolean
}) {
  return (
    <>
      <div className="head">
        <h1>{name}</h1>
        <Link to="/instances/new" search={deploy} className="button">
          {text.deployWith}
        </Link>
      </div>
      <p>
        <Link to={path}>{title}</Link>
      </p>
      <Loaded query={query} what={name}>
        {(items) => {
          const found = items.find((item) => item.name === name)
          if (found === undefined) return <p role="status">{text.gone(name)}</p>
          return (
            <>
              <section className="card" aria-label={words.host.facts}>
                <h2>{words.host.facts}</h2>
                <Facts of={facts.map(([fact, tell]) => [fact, <span key={fact}>{tell(found)}</span>])} />
              </section>
              <Users uses={uses} />
            </>
          )
        }}
      </Loaded>
    </>
  )
}

function Users({ uses }: { uses: (instance: Schemas['Instance']) => boolean }) {
  const query = useQuery(instancesQuery(useQueryClient()))
  return (
    <section aria-label={words.instances.title}>
      <h2>{words.instances.title}</h2>
      <Loaded query={query} what={words.instances.title}>
        {(all) => {
          const users = all.filter(uses)
          if (users.length === 0) return <p>{text.unused}</p>
          return (
            <Table
              label={words.instances.title}
              columns={instanceColumns}
              rows={users}
              lines={users.map((row) => ({ row }))}
              keyOf={({ id }) => id}
            />
          )
        }}
      </Loaded>
    </section>
  )
}

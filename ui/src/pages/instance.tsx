import { useQuery } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import { instanceQuery, operationsQuery } from '../api/queries.ts'
import { Facts } from '../parts/facts.tsx'
import { Loaded } from '../parts/problem.tsx'
import { State } from '../parts/state.tsx'
import { Time } from '../parts/time.tsx'
import { Timeline } from '../parts/timeline.tsx'
import { useDefaultErase } from '../parts/use-erase.ts'
import { Why } from '../parts/why.tsx'
import { words } from '../words.ts'
import { InstanceActions } from './instance-actions.tsx'
import { InstanceNics } from './instance-nics.tsx'
import { InstanceSides } from './instance-sides.tsx'
import { OperationsOf } from './operations.tsx'

const text = words.instance

function DefaultErase({ offering }: { offering: string | null }) {
  return useDefaultErase(offering)
}

export function InstancePage() {
  const { name } = useParams({ from: '/instances/$name' })
  const query = useQuery(instanceQuery(name))
  const id = query.data?.id
  const operations = useQuery({
    ...operationsQuery(id === undefined ? {} : { instanceId: id }),
    enabled: id !== undefined,
  })
  return (
    <Loaded query={query} what={name}>
      {(instance) => (
        <>
          <h1>
            {instance.name} <State state={instance.state} />
          </h1>
          <InstanceActions instance={instance} />
          <div className="columns">
            <div>
              <Why kind="instance" name={instance.id} />
              <section className="card" aria-label={text.facts}>
                <h2>{text.facts}</h2>
                <Facts
                  of={[
                    [
                      words.instances.host,
                      instance.host && (
                        <Link to="/hosts/$name" params={{ name: instance.host }}>
                          {instance.host}
                        </Link>
                      ),
                    ],
                    [words.instances.tenant, instance.tenant],
                    [
                      words.instances.template,
                      instance.template && (
                        <Link to="/templates/$name" params={{ name: instance.template }}>
                          {instance.template}
                        </Link>
                      ),
                    ],
                    [
                      words.instances.offering,
                      instance.offering && (
                        <Link to="/offerings/$name" params={{ name: instance.offering }}>
                          {instance.offering}
                        </Link>
                      ),
                    ],
                    [text.erase, instance.erase ?? <DefaultErase key="erase" offering={instance.offering} />],
                    [text.hostname, instance.hostname],
                    [text.externalId, instance.externalId],
                    [words.instances.created, <Time key="created" at={instance.createdAt} />],
                    [text.clear, instance.clearAt && <Time at={instance.clearAt} />],
                  ]}
                />
              </section>
              <InstanceNics instance={instance} />
              <InstanceSides sides={instance.sides} />
            </div>
            <div>
              <section className="card" aria-label={words.host.operations}>
                <h2>{words.host.operations}</h2>
                <Loaded query={operations} what={words.host.operations}>
                  {({ items }) => <OperationsOf items={items} other="host" />}
                </Loaded>
              </section>
              <Timeline of={{ instanceId: instance.id }} />
            </div>
          </div>
        </>
      )}
    </Loaded>
  )
}

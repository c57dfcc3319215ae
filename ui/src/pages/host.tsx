import { useQuery } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import { driftQuery, hostQuery, instanceQuery, operationsQuery } from '../api/queries.ts'
import { Facts } from '../parts/facts.tsx'
import { Loaded } from '../parts/problem.tsx'
import { State } from '../parts/state.tsx'
import { Ago } from '../parts/time.tsx'
import { Timeline } from '../parts/timeline.tsx'
import { Why } from '../parts/why.tsx'
import { words } from '../words.ts'
import { HostActions } from './host-actions.tsx'
import { HostDisks } from './host-disks.tsx'
import { HostDrift } from './host-drift.tsx'
import { HostHardware } from './host-hardware.tsx'
import { gib, type Host } from './hosts-columns.tsx'
import { OperationsOf } from './operations.tsx'

const text = words.host

export function HostPage() {
  const { name } = useParams({ from: '/hosts/$name' })
  const query = useQuery(hostQuery(name))
  return (
    <Loaded query={query} what={name}>
      {(host) => (
        <>
          <h1>
            {host.name} <State state={host.state} />
          </h1>
          <HostActions host={host} />
          <div className="columns">
            <div>
              <Why kind="host" name={host.name} />
              <HostDrift host={host} />
              <HostDisks host={host} />
              <HostHardware host={host} />
            </div>
            <div>
              <HostFacts host={host} />
              <HostOperations host={host} />
              <Timeline of={{ hostId: host.id }} />
            </div>
          </div>
        </>
      )}
    </Loaded>
  )
}

function HostFacts({ host }: { host: Host }) {
  const { bmc, power } = host
  const drift = useQuery(driftQuery(host.name))
  const instance = useQuery({ ...instanceQuery(host.instanceId ?? ''), enabled: host.instanceId !== null })
  return (
    <section className="card" aria-label={text.facts}>
      <h2>{text.facts}</h2>
      <Facts
        of={[
          [
            text.power,
            <span key="power">
              <State state={power.state} />{' '}
              {power.at === null ? (
                text.neverRead
              ) : (
                <>
                  {text.powerAge} <Ago at={power.at} /> {text.ago}
                </>
              )}
            </span>,
          ],
          [
            text.instance,
            host.instanceId && instance.data && (
              <Link to="/instances/$name" params={{ name: instance.data.name }}>
                {instance.data.name}
              </Link>
            ),
          ],
          [
            text.operation,
            host.operationId && (
              <Link to="/operations/$key" params={{ key: host.operationId }}>
                {text.operationNow}
              </Link>
            ),
          ],
          [text.size, `${words.cpus(host.cpuCount)}, ${gib(host.memoryMib)}, ${host.architecture}`],
          [text.maasSays, drift.data?.maas.seen],
          [text.bmcSays, drift.data && (words.states[drift.data.power.seen] ?? drift.data.power.seen)],
          [
            words.hosts.rack,
            host.rack && (
              <Link key="rack" to="/racks" search={{ q: host.rack }}>
                {host.rack}
              </Link>
            ),
          ],
          [text.systemId, host.systemId],
          [text.bootMac, <code key="mac">{host.bootMac}</code>],
          [text.tags, host.tags.join(', ')],
          [text.policy, host.powerPolicy],
          [text.bmc, bmc.address],
          [text.protocol, bmc.found === null ? bmc.protocol : `${bmc.protocol}: ${bmc.found}`],
          [text.user, bmc.username],
          [text.certificate, bmc.fingerprint && <code key="fingerprint">{bmc.fingerprint}</code>],
          [text.sshKey, bmc.sshFingerprint && <code key="ssh">{bmc.sshFingerprint}</code>],
        ]}
      />
    </section>
  )
}

function HostOperations({ host }: { host: Host }) {
  const query = useQuery(operationsQuery({ hostId: host.id }))
  return (
    <section className="card" aria-label={text.operations}>
      <h2>{text.operations}</h2>
      <Loaded query={query} what={text.operations}>
        {({ items }) =>
          items.length === 0 ? (
            <p>{words.operations.empty}</p>
          ) : (
            <OperationsOf items={items} other="instance" />
          )
        }
      </Loaded>
    </section>
  )
}

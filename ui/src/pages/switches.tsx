import { useQueries, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import type { Schemas } from '../api/client.ts'
import { driftQuery, hostsQuery, racksQuery } from '../api/queries.ts'
import { Button } from '../parts/button.tsx'
import { portText } from '../parts/port-text.ts'
import { Loaded } from '../parts/problem.tsx'
import { Wide } from '../parts/wide.tsx'
import { words } from '../words.ts'
import { HealDialog } from './host-drift.tsx'
import type { Host } from './hosts-columns.tsx'

const text = words.switches
type Switch = Schemas['Rack']['switches'][number]
type Port = Schemas['Drift']['ports'][number]

export function Switches() {
  const racks = useQuery(racksQuery)
  const hosts = useQuery(hostsQuery(useQueryClient()))
  return (
    <>
      <h1>{text.title}</h1>
      <p className="intro">{text.what}</p>
      <Loaded query={racks} what={text.title}>
        {(found) => {
          const all = found.flatMap(({ switches }) => switches)
          if (all.length === 0) return <p>{text.empty}</p>
          return (
            <Loaded query={hosts} what={words.hosts.title}>
              {(known) => all.map((one) => <SwitchPorts key={one.id} of={one} hosts={known} />)}
            </Loaded>
          )
        }}
      </Loaded>
    </>
  )
}

/** Each port by the host on it: wanted, running and saved are read together, host by host. */
function SwitchPorts({ of, hosts }: { of: Switch; hosts: readonly Host[] }) {
  const [healing, setHealing] = useState<string | null>(null)
  const hostOf = (mac: string) =>
    hosts.find((host) => host.bootMac === mac || host.nics.some((nic) => nic.mac === mac)) ?? null
  const rows = of.ports.map(({ port, mac }) => ({ port, mac, host: hostOf(mac) }))
  const names = [...new Set(rows.flatMap(({ host }) => (host === null ? [] : [host.name])))]
  const drifts = useQueries({ queries: names.map((name) => driftQuery(name)) })
  return (
    <section className="card" aria-label={of.address}>
      <h2>
        {of.address} <span className="quiet">{of.type}</span>{' '}
        <Button onClick={() => void Promise.all(drifts.map((query) => query.refetch()))}>{text.read}</Button>
      </h2>
      {of.health !== null && of.health.failures > 0 && (
        <p>{text.silent(of.health.failures, of.health.lastError)}</p>
      )}
      <Wide label={of.address}>
        <table>
          <thead>
            <tr>
              {[text.port, text.host, text.nic, text.wanted, text.running, text.saved, text.heal].map(
                (title) => (
                  <th key={title} scope="col">
                    {title}
                  </th>
                ),
              )}
            </tr>
          </thead>
          <tbody>
            {rows.map(({ port, mac, host }) => {
              const query = host === null ? undefined : drifts[names.indexOf(host.name)]
              const nic = host?.nics.find((one) => one.mac === mac)
              const found = query?.data?.ports.find((one) => one.nic === nic?.name && one.port === port)
              return (
                <tr key={port} className={found && differs(found) ? 'differs' : undefined}>
                  <td>{port}</td>
                  <td>
                    {host === null ? (
                      <span className="quiet">{text.notManaged}</span>
                    ) : (
                      <Link to="/hosts/$name" params={{ name: host.name }}>
                        {host.name}
                      </Link>
                    )}
                  </td>
                  <td>
                    {nic?.name} <code>{mac}</code>
                  </td>
                  <td>{tell(found, 'wanted', query)}</td>
                  <td>{tell(found, 'running', query)}</td>
                  <td>{tell(found, 'saved', query)}</td>
                  <td>
                    {host !== null && found && (
                      <Button
                        why={
                          host.operationId !== null ? words.host.isHeld : differs(found) ? null : text.nothing
                        }
                        onClick={() => setHealing(host.name)}
                      >
                        {text.heal}
                      </Button>
                    )}
                  </td>
                </tr>
              )
            })}
          </tbody>
        </table>
      </Wide>
      {healing !== null && <HealDialog host={healing} onClose={() => setHealing(null)} />}
    </section>
  )
}

function tell(
  port: Port | undefined,
  which: 'wanted' | 'running' | 'saved',
  query: { isFetching: boolean; error: Error | null } | undefined,
): string {
  if (port) return port[which] === null && which === 'wanted' ? words.none : portText(port[which])
  if (query === undefined) return ''
  return query.isFetching ? words.racks.reading : (query.error?.message ?? words.unknown)
}

function differs({ wanted, running, saved }: Port): boolean {
  if (wanted === null) return false
  return portText(wanted) !== portText(running) || portText(wanted) !== portText(saved)
}

import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { useMemo, useState } from 'react'
import { hostsQuery, instancesQuery } from '../api/queries.ts'
import { SelectField, TextField } from '../parts/field.tsx'
import { Loaded } from '../parts/problem.tsx'
import { type Column, type Line, Table } from '../parts/table.tsx'
import { useWide } from '../parts/use-wide.ts'
import { words } from '../words.ts'
import { HostsBulk } from './hosts-bulk.tsx'
import { defaultColumns, gib, type Host, hostColumns, type Instances } from './hosts-columns.tsx'
import { type HostsSearch, readHostsSearch } from './hosts-search.ts'

const text = words.hosts
/** A box to tick says nothing. */
const noText = () => ''

export function Hosts() {
  const hosts = useQuery(hostsQuery(useQueryClient()))
  return (
    <>
      <div className="head">
        <h1>{text.title}</h1>
        <Link to="/hosts/new" className="button primary">
          {text.add}
        </Link>
      </div>
      <Loaded query={hosts} what={text.title}>
        {(all) => (all.length === 0 ? <p>{text.empty}</p> : <HostTable all={all} />)}
      </Loaded>
    </>
  )
}

function HostTable({ all }: { all: readonly Host[] }) {
  const search = readHostsSearch(useSearch({ strict: false }))
  const navigate = useNavigate({ from: '/hosts' })
  const change = (next: HostsSearch) =>
    navigate({ search: tidy({ ...search, ...next }), replace: 'q' in next })
  const { data: instances } = useQuery(instancesQuery(useQueryClient()))
  const named = useMemo(() => new Map((instances ?? []).map((one) => [one.id, one])), [instances])
  const wide = useWide(1600)
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set())
  const known = useMemo(() => hostColumns(named), [named])
  const shown = useMemo(() => filterHosts(all, search, named), [all, search, named])
  const lines = useMemo(
    () => linesOf(sortHosts(shown, search, known), search.group, named),
    [shown, search, known, named],
  )
  const wanted = search.columns?.split(',') ?? defaultColumns(wide)
  const choose: Column<Host> = {
    id: 'choose',
    title: (
      <input
        type="checkbox"
        aria-label={text.chooseAll}
        checked={shown.length > 0 && shown.every(({ id }) => chosen.has(id))}
        onChange={(event) => setChosen(new Set(event.target.checked ? shown.map(({ id }) => id) : []))}
      />
    ),
    text: noText,
    morePx: 20,
    cell: ({ id, name }) => (
      <input
        type="checkbox"
        aria-label={text.choose(name)}
        checked={chosen.has(id)}
        onChange={(event) => {
          const next = new Set(chosen)
          if (event.target.checked) next.add(id)
          else next.delete(id)
          setChosen(next)
        }}
      />
    ),
  }
  return (
    <>
      <div className="tools">
        <TextField
          label={text.filter}
          placeholder={text.filterHint}
          value={search.q ?? ''}
          onChange={(q) => change({ q })}
        />
        <SelectField
          label={text.state}
          value={search.state ?? ''}
          onChange={(state) => change({ state })}
          options={[
            { value: '', text: text.anyState },
            ...[...new Set(all.map(({ state }) => state))].map((state) => ({
              value: state,
              text: words.states[state] ?? state,
            })),
          ]}
        />
        <SelectField
          label={text.groupBy}
          value={search.group ?? 'none'}
          onChange={(group) => change({ group: group === 'none' ? '' : group })}
          options={Object.entries(text.groups).map(([value, name]) => ({ value, text: name }))}
        />
        <details className="chooser">
          <summary>{text.columns}</summary>
          {known.map(({ id, title }) => (
            <label key={id}>
              <input
                type="checkbox"
                checked={wanted.includes(id)}
                disabled={id === 'name'}
                onChange={(event) =>
                  change({
                    columns: known
                      .map((column) => column.id)
                      .filter((one) => (one === id ? event.target.checked : wanted.includes(one)))
                      .join(','),
                  })
                }
              />{' '}
              {title}
            </label>
          ))}
        </details>
        <span role="status">{text.shown(shown.length, all.length)}</span>
      </div>
      <HostsBulk hosts={all.filter(({ id }) => chosen.has(id))} onDone={() => setChosen(new Set())} />
      {shown.length === 0 ? (
        <p>{text.noMatch}</p>
      ) : (
        <Table
          label={text.title}
          columns={[choose, ...known.filter(({ id }) => wanted.includes(id))]}
          rows={all}
          lines={lines}
          keyOf={({ id }) => id}
          sorted={{ id: search.sort ?? 'name', down: search.down ?? false }}
          onSort={(sort) => change({ sort, down: (search.sort ?? 'name') === sort && !search.down })}
        />
      )}
    </>
  )
}

/** Nothing that is as it would be without stands in the address. */
function tidy(search: HostsSearch): HostsSearch {
  return Object.fromEntries(Object.entries(search).filter(([, value]) => value !== '' && value !== false))
}

function filterHosts(all: readonly Host[], { q = '', state }: HostsSearch, instances: Instances) {
  const parts = q.toLowerCase().split(/\s+/).filter(Boolean)
  return all.filter((host) => {
    if (state !== undefined && host.state !== state) return false
    const instance = instances.get(host.instanceId ?? '')
    const all = [
      host.name,
      instance?.name,
      instance?.tenant,
      host.systemId,
      host.bmc.address,
      host.bootMac,
      host.rack,
      ...host.tags,
    ]
    const words = all.join(' ').toLowerCase()
    return parts.every((part) => words.includes(part))
  })
}

function sortHosts(
  hosts: readonly Host[],
  { sort = 'name', down }: HostsSearch,
  columns: readonly Column<Host>[],
) {
  const by = columns.find(({ id }) => id === sort)?.sort ?? (({ name }: Host) => name)
  const order = new Intl.Collator('en', { numeric: true })
  const sorted = [...hosts].sort((a, b) => order.compare(String(by(a)), String(by(b))))
  return down ? sorted.reverse() : sorted
}

function linesOf(hosts: readonly Host[], group: string | undefined, instances: Instances): Line<Host>[] {
  const groupOf = {
    state: ({ state }: Host) => words.states[state] ?? state,
    size: ({ cpuCount, memoryMib }: Host) => `${cpuCount} ${text.cpus}, ${gib(memoryMib)}`,
    tenant: ({ instanceId }: Host) => instances.get(instanceId ?? '')?.tenant ?? words.none,
    rack: ({ rack }: Host) => rack ?? words.none,
    switch: ({ nics }: Host) => nics.find((nic) => nic.switch)?.switch ?? words.none,
  }[group ?? '']
  if (groupOf === undefined) return hosts.map((row) => ({ row }))
  const groups = new Map<string, Host[]>()
  for (const host of hosts) {
    const heading = groupOf(host)
    const rows = groups.get(heading)
    if (rows) rows.push(host)
    else groups.set(heading, [host])
  }
  return [...groups].flatMap(([heading, rows]): Line<Host>[] => [
    { heading, count: rows.length },
    ...rows.map((row) => ({ row })),
  ])
}

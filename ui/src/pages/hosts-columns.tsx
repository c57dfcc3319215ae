import type { Schemas } from '../api/client.ts'
import { State } from '../parts/state.tsx'
import { type Column, RowLink } from '../parts/table.tsx'
import { Ago, fullText } from '../parts/time.tsx'
import { words } from '../words.ts'

export type Host = Schemas['Host']
const text = words.hosts
/** What a state has around its word. */
const PILL_PX = 14

export const gib = (mib: number) => `${mib / 1024} GiB`

export function bytesText(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB']
  const step = bytes === 0 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3))
  return `${Number((bytes / 1000 ** step).toPrecision(3))} ${units[step]}`
}

/** 2 × 480 + 960 GB: a server may have twelve of a kind. */
function disksText(sizes: readonly string[]): string {
  const counts = new Map<string, number>()
  for (const size of sizes) counts.set(size, (counts.get(size) ?? 0) + 1)
  const kinds = [...counts].map(([size, count]) => (count === 1 ? size : `${count} × ${size}`))
  const unitOf = (size: string) => size.slice(size.lastIndexOf(' '))
  const last = kinds.at(-1) ?? ''
  const isOneUnit = kinds.every((kind) => unitOf(kind) === unitOf(last))
  return kinds
    .map((kind) => (isOneUnit && kind !== last ? kind.slice(0, kind.lastIndexOf(' ')) : kind))
    .join(' + ')
}

export type Instances = ReadonlyMap<string, Schemas['Instance']>

/** Whether the newest erase still says anything of the disks. */
function eraseNote({ instanceId, lastErase, dirty }: Host): string {
  if (instanceId !== null) return lastErase === null ? '' : text.usedSince
  return dirty || lastErase?.proven === false ? text.unproven : ''
}

const before: readonly Column<Host>[] = [
  {
    id: 'name',
    title: text.name,
    sort: ({ name }) => name,
    text: ({ name }) => name,
    leastPx: 120,
    cell: ({ name }) => <RowLink to={`/hosts/${encodeURIComponent(name)}`}>{name}</RowLink>,
  },
  {
    id: 'state',
    title: text.state,
    sort: ({ state }) => state,
    text: ({ state }) => words.states[state] ?? state,
    cell: ({ state }) => <State state={state} />,
    morePx: PILL_PX,
  },
  {
    id: 'power',
    title: text.power,
    sort: ({ power }) => power.state,
    text: ({ power }) => (power.at === null ? power.state : `${power.state} 59 min ${words.host.ago}`),
    morePx: PILL_PX,
    cell: ({ power }) => (
      <>
        <State state={power.state} />{' '}
        {power.at !== null && (
          <span className="quiet">
            <Ago at={power.at} short /> {words.host.ago}
          </span>
        )}
      </>
    ),
  },
]

const after: readonly Column<Host>[] = [
  {
    id: 'cpus',
    title: text.cpus,
    sort: ({ cpuCount }) => cpuCount,
    text: ({ cpuCount }) => String(cpuCount),
  },
  {
    id: 'memory',
    title: text.memory,
    sort: ({ memoryMib }) => memoryMib,
    text: ({ memoryMib }) => gib(memoryMib),
  },
  {
    id: 'disks',
    title: text.disks,
    sort: ({ disks }) => disks.length,
    text: ({ disks }) => disksText(disks.map(({ size }) => bytesText(size))),
    leastPx: 100,
  },
  {
    id: 'rack',
    title: text.rack,
    sort: ({ rack }) => rack ?? '',
    text: ({ rack }) => rack ?? words.none,
    leastPx: 60,
  },
  {
    id: 'ports',
    title: text.ports,
    leastPx: 120,
    text: ({ nics }) =>
      nics.flatMap(({ switch: one, port }) => (port ? [`${one ?? ''} ${port}`] : [])).join(', '),
  },
  {
    id: 'erase',
    title: text.lastErase,
    sort: ({ lastErase }) => lastErase?.at ?? '',
    text: (host) => `${host.lastErase === null ? words.none : `59 min ${words.host.ago}`} ${eraseNote(host)}`,
    leastPx: 110,
    hover: (host) =>
      `${host.lastErase === null ? words.none : fullText(host.lastErase.at)} ${eraseNote(host)}`.trimEnd(),
    cell: (host) => (
      <>
        {host.lastErase === null ? (
          words.none
        ) : (
          <>
            <Ago at={host.lastErase.at} short /> {words.host.ago}
          </>
        )}{' '}
        <span className={host.instanceId === null ? 'dirty' : 'quiet'}>{eraseNote(host)}</span>
      </>
    ),
  },
  { id: 'tags', title: text.tags, text: ({ tags }) => tags.join(', '), leastPx: 100 },
  {
    id: 'bmc',
    title: text.bmc,
    leastPx: 100,
    text: ({ bmc }) => `${bmc.address ?? ''} ${bmc.found ?? bmc.protocol}`,
  },
  { id: 'maas', title: text.maas, text: ({ systemId }) => systemId ?? '' },
]

/** `instances`: by id. Only what is said of them is made anew with them. */
export function hostColumns(instances: Instances): Column<Host>[] {
  const instanceOf = (host: Host) =>
    host.instanceId === null ? '' : (instances.get(host.instanceId)?.name ?? '…')
  const tenantOf = (host: Host) => instances.get(host.instanceId ?? '')?.tenant ?? ''
  return [
    ...before,
    {
      id: 'instance',
      title: text.instance,
      sort: instanceOf,
      text: instanceOf,
      leastPx: 90,
      cell: (host) => {
        const name = instanceOf(host)
        if (name === '' || name === '…') return name
        return <RowLink to={`/instances/${encodeURIComponent(name)}`}>{name}</RowLink>
      },
    },
    { id: 'tenant', title: text.tenant, sort: tenantOf, text: tenantOf, leastPx: 80 },
    ...after,
  ]
}

/** Shown unless the address of the page says which. A narrow screen has no room for switch ports. */
export function defaultColumns(wide: boolean): readonly string[] {
  return [
    'name',
    'state',
    'power',
    'instance',
    'tenant',
    'cpus',
    'memory',
    'disks',
    'rack',
    ...(wide ? ['ports'] : []),
    'erase',
    'bmc',
  ]
}

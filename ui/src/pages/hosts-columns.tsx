import type { Schemas } from '../api/client.ts'
import { State } from '../parts/state.tsx'
import { type Column, RowLink } from '../parts/table.tsx'
import { Ago, Time, timeSample } from '../parts/time.tsx'
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
    text: ({ disks }) => disks.map(({ size }) => bytesText(size)).join(' + '),
  },
  {
    id: 'rack',
    title: text.rack,
    sort: ({ rack }) => rack ?? '',
    text: ({ rack }) => rack ?? words.none,
  },
  {
    id: 'ports',
    title: text.ports,
    text: ({ nics }) =>
      nics.flatMap(({ switch: one, port }) => (port ? [`${one ?? ''} ${port}`] : [])).join(', '),
  },
  {
    id: 'erase',
    title: text.lastErase,
    sort: ({ lastErase }) => lastErase?.at ?? '',
    text: (host) =>
      `${host.lastErase === null ? words.none : timeSample(host.lastErase.at)} ${eraseNote(host)}`,
    cell: (host) => (
      <>
        {host.lastErase === null ? words.none : <Time at={host.lastErase.at} />}{' '}
        <span className={host.instanceId === null ? 'dirty' : 'quiet'}>{eraseNote(host)}</span>
      </>
    ),
  },
  { id: 'tags', title: text.tags, text: ({ tags }) => tags.join(', ') },
  {
    id: 'bmc',
    title: text.bmc,
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
      cell: (host) => {
        const name = instanceOf(host)
        if (name === '' || name === '…') return name
        return <RowLink to={`/instances/${encodeURIComponent(name)}`}>{name}</RowLink>
      },
    },
    { id: 'tenant', title: text.tenant, sort: tenantOf, text: tenantOf },
    ...after,
  ]
}

export const defaultColumns = [
  'name',
  'state',
  'power',
  'instance',
  'tenant',
  'cpus',
  'memory',
  'disks',
  'rack',
  'ports',
  'erase',
  'bmc',
]

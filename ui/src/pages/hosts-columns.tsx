import { Link } from '@tanstack/react-router'
import type { Schemas } from '../api/client.ts'
import { State } from '../parts/state.tsx'
import type { Column } from '../parts/table.tsx'
import { Ago, Time } from '../parts/time.tsx'
import { words } from '../words.ts'

export type Host = Schemas['Host']
const text = words.hosts

export const gib = (mib: number) => `${mib / 1024} GiB`

export function bytesText(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB']
  const step = bytes === 0 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3))
  return `${Number((bytes / 1000 ** step).toPrecision(3))} ${units[step]}`
}

export type Instances = ReadonlyMap<string, Schemas['Instance']>

/** `instances`: by id. */
export function hostColumns(instances: Instances): Column<Host>[] {
  const instanceOf = (host: Host) =>
    host.instanceId === null ? '' : (instances.get(host.instanceId)?.name ?? '…')
  const tenantOf = (host: Host) => instances.get(host.instanceId ?? '')?.tenant ?? ''
  return [
    {
      id: 'name',
      title: text.name,
      sort: ({ name }) => name,
      cell: ({ name }) => (
        <Link to="/hosts/$name" params={{ name }}>
          {name}
        </Link>
      ),
    },
    {
      id: 'state',
      title: text.state,
      sort: ({ state }) => state,
      cell: ({ state }) => <State state={state} />,
    },
    {
      id: 'power',
      title: text.power,
      sort: ({ power }) => power.state,
      cell: ({ power }) => (
        <>
          <State state={power.state} />{' '}
          {power.at !== null && (
            <span className="quiet">
              <Ago at={power.at} /> {words.host.ago}
            </span>
          )}
        </>
      ),
    },
    {
      id: 'instance',
      title: text.instance,
      sort: instanceOf,
      cell: (host) => {
        const name = instanceOf(host)
        if (name === '' || name === '…') return name
        return (
          <Link to="/instances/$name" params={{ name }}>
            {name}
          </Link>
        )
      },
    },
    { id: 'tenant', title: text.tenant, sort: tenantOf, cell: tenantOf },
    { id: 'cpus', title: text.cpus, sort: ({ cpuCount }) => cpuCount, cell: ({ cpuCount }) => cpuCount },
    {
      id: 'memory',
      title: text.memory,
      sort: ({ memoryMib }) => memoryMib,
      cell: ({ memoryMib }) => gib(memoryMib),
    },
    {
      id: 'disks',
      title: text.disks,
      sort: ({ disks }) => disks.length,
      cell: ({ disks }) => disks.map(({ size }) => bytesText(size)).join(' + '),
    },
    {
      id: 'ports',
      title: text.rack,
      cell: ({ nics }) =>
        nics.flatMap(({ switch: one, port }) => (port ? [`${one ?? ''} ${port}`] : [])).join(', '),
    },
    {
      id: 'erase',
      title: text.lastErase,
      sort: ({ lastErase }) => lastErase?.at ?? '',
      cell: ({ lastErase, dirty }) => (
        <>
          {lastErase === null ? words.none : <Time at={lastErase.at} />}{' '}
          {(dirty || lastErase?.proven === false) && <span className="dirty">{text.unproven}</span>}
        </>
      ),
    },
    { id: 'tags', title: text.tags, cell: ({ tags }) => tags.join(', ') },
    {
      id: 'bmc',
      title: text.bmc,
      cell: ({ bmc }) => `${bmc.address ?? ''} ${bmc.found ?? bmc.protocol}`,
    },
    { id: 'maas', title: text.maas, cell: ({ systemId }) => systemId ?? '' },
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
  'ports',
  'erase',
  'bmc',
]

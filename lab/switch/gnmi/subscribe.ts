import type { ServerDuplexStream } from '@grpc/grpc-js'
import type { SwitchportModel } from '../switchport/model.ts'
import { Invalid, type Path, vlansOf } from './tree.ts'

export interface WireSubscribe {
  subscribe?: {
    subscription: { path: Path | null; mode: string; heartbeat_interval: string }[]
    mode: string
    encoding: string
    updates_only: boolean
  } | null
}

export type Stream = ServerDuplexStream<WireSubscribe, unknown>

interface Leaf {
  path: Path
  value: unknown
}

/** What this switch can tell the changes of; of anything else, counters above all, it cannot. */
const onChange: readonly string[] = [
  'interfaces/interface/config/enabled',
  'interfaces/interface/ethernet/config/aggregate-id',
  'interfaces/interface/ethernet/switched-vlan/config',
]

/**
 * Streams changes of the configuration, leaf by leaf (gNMI §3.5.1.5.2): first what is there, unless only updates were
 * asked for, then the word that this was all, then each change.
 * @returns ends it
 * @throws Invalid for what a target must refuse
 */
export function subscribe(
  model: SwitchportModel,
  stream: Stream,
  { subscribe: list }: WireSubscribe,
): () => void {
  if (!list) throw new Invalid('INVALID_ARGUMENT', 'The first message of a Subscribe is the subscription')
  if (list.mode !== 'STREAM') throw new Invalid('UNIMPLEMENTED', `Mode ${list.mode}`)
  if (list.encoding !== 'JSON_IETF') throw new Invalid('UNIMPLEMENTED', `Encoding ${list.encoding}`)
  if (list.subscription.length === 0) throw new Invalid('INVALID_ARGUMENT', 'No path is subscribed to')
  const paths = list.subscription.map(({ path, mode, heartbeat_interval: heartbeat }) => {
    const names = path?.elem.map(({ name }) => name).join('/') ?? ''
    if (mode !== 'ON_CHANGE' || heartbeat !== '0')
      throw new Invalid('INVALID_ARGUMENT', `${mode} of /${names}, heartbeat ${heartbeat}`)
    if (!onChange.includes(names))
      throw new Invalid('INVALID_ARGUMENT', `/${names} does not support ON_CHANGE`)
    return { names, port: path?.elem[1]?.key.name ?? '*' }
  })
  const wanted = ({ path: { elem } }: Leaf) =>
    paths.some(({ names, port }) => {
      const has = elem.map(({ name }) => name).join('/')
      return (has === names || has.startsWith(`${names}/`)) && (port === '*' || port === elem[1]?.key.name)
    })
  const leaves = () =>
    new Map(
      leavesOf(model)
        .filter(wanted)
        .map((leaf) => [JSON.stringify(leaf.path), leaf]),
    )
  const tell = (update: readonly Leaf[], gone: readonly Leaf[]) => {
    if (update.length + gone.length === 0) return
    stream.write({
      update: {
        timestamp: String(BigInt(Date.now()) * 1_000_000n),
        update: update.map(({ path, value }) => ({
          path,
          val: { json_ietf_val: Buffer.from(JSON.stringify(value)) },
        })),
        delete: gone.map(({ path }) => path),
      },
    })
  }
  let told = leaves()
  if (!list.updates_only) tell([...told.values()], [])
  stream.write({ sync_response: true })
  return model.onEdit(() => {
    const now = leaves()
    const isNew = ([key, { value }]: [string, Leaf]) =>
      JSON.stringify(told.get(key)?.value) !== JSON.stringify(value)
    tell(
      [...now].filter(isNew).map(([, leaf]) => leaf),
      [...told].filter(([key]) => !now.has(key)).map(([, leaf]) => leaf),
    )
    told = now
  })
}

function leavesOf({ running }: SwitchportModel): Leaf[] {
  return [...running.ports].flatMap(([name, port]) => {
    const leaf = (value: unknown, ...names: string[]): Leaf => ({
      path: {
        elem: [
          { name: 'interfaces', key: {} },
          { name: 'interface', key: { name } },
          ...names.map((one) => ({ name: one, key: {} })),
        ],
      },
      value,
    })
    const vlans = port.switchport ? Object.entries(vlansOf(port)) : []
    return [
      leaf(!port.shutdown, 'config', 'enabled'),
      ...vlans.map(([key, value]) => leaf(value, 'ethernet', 'switched-vlan', 'config', key)),
    ]
  })
}

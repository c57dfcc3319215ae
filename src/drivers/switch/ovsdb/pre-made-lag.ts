import { z } from 'zod'
import type { PreMadeLag } from '../types.ts'
import { failureOf, type Operation, type OvsdbClient } from './client.ts'
import { refused } from './errors.ts'
import { optionalText, uuid, uuids } from './port-row.ts'

/** RFC 7047 §5.1 */
const map = z
  .tuple([z.literal('map'), z.array(z.tuple([z.string(), z.string()]))])
  .transform(([, pairs]) => new Map(pairs))

const rows = z.tuple([
  z.array(z.object({ interfaces: uuids, lacp: optionalText, other_config: map })),
  z.array(z.object({ _uuid: uuid, name: z.string() })),
])

/**
 * A bond of Open vSwitch, by its name. Without a partner it lets nothing pass, unless `lacp-fallback-ab` makes it an
 * active-backup bond of its own, with one member that is not ours to choose.
 * @throws switch-unreachable, switch-auth, switch-refused
 */
export async function readPreMadeLag(client: OvsdbClient, lag: string): Promise<PreMadeLag | null> {
  const { address } = client.target
  const reads: Operation[] = [
    {
      op: 'select',
      table: 'Port',
      where: [['name', '==', lag]],
      columns: ['interfaces', 'lacp', 'other_config'],
    },
    { op: 'select', table: 'Interface', where: [], columns: ['_uuid', 'name'] },
  ]
  const outcomes = await client.transact(reads)
  const failure = failureOf(outcomes)
  if (failure) throw refused(address, `select ${reads[failure.index]?.table ?? ''}`, failure.said)
  const parsed = rows.safeParse(outcomes.slice(0, reads.length).map((one) => one?.rows))
  if (!parsed.success) {
    const where = parsed.error.issues[0]?.path.join('.')
    throw refused(address, 'select Port', `its rows are not those of Open vSwitch (${where})`)
  }
  const [[port], interfaces] = parsed.data
  if (!port) return null
  const names = new Map(interfaces.map((one) => [one._uuid, one.name]))
  return {
    members: port.interfaces.map((id) => names.get(id) ?? id).sort(),
    lacp: port.lacp === 'active' || port.lacp === 'passive',
    fallback: port.other_config.get('lacp-fallback-ab') === 'true' ? null : 'has no LACP fallback',
    command: `ovs-vsctl set port ${lag} other_config:lacp-fallback-ab=true`,
  }
}

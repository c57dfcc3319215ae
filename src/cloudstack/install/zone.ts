import { FerruleError } from '../../domain/errors.ts'
import { named } from '../client/wire.ts'
import type { Site } from './piece.ts'

/** The zone and pod that the cluster belongs to: the only one, or the one that is named. */
export async function findPlace(site: Site): Promise<void> {
  const { client, options } = site
  site.zoneId = theOne('zone', await client.list('listZones', 'zone', {}, named), options.zone)
  const pods = await client.list('listPods', 'pod', { zoneid: site.zoneId }, named)
  site.podId = theOne('pod', pods, options.pod)
}

export function theOne(kind: string, found: { id: string; name: string }[], wanted: string | null): string {
  const fitting = wanted === null ? found : found.filter(({ name, id }) => name === wanted || id === wanted)
  const [only, second] = fitting
  if (only !== undefined && second === undefined) return only.id
  const names = found.map(({ name }) => name).join(', ') || 'none'
  throw new FerruleError(
    'invalid-input',
    wanted === null
      ? `CloudStack has ${found.length} ${kind}s, and none was chosen: ${names}`
      : `CloudStack has no ${kind} "${wanted}", but ${names}`,
    `Name one with --${kind}.`,
    { [kind]: wanted },
  )
}

import { z } from 'zod'
import type { Ask } from './exchange.ts'
import { toResultSet } from './from-wire.ts'
import type { Http } from './http.ts'
import type { Maas, MaasResultSet } from './types.ts'
import { decode, eventsSchema, isoTime, resultSetSchema } from './wire.ts'

type Results = Pick<Maas, 'events' | 'results'>

const TYPES = {
  commissioning: 'Commissioning',
  installation: 'Installation',
  testing: 'Testing',
  release: 'Release',
} as const satisfies Record<string, MaasResultSet['type']>

export function results(http: Http): Results {
  return {
    async events(systemId, { afterId, limit = 100 } = {}) {
      const query = [
        ['id', systemId] as const,
        ['limit', String(limit)] as const,
        ...(afterId === undefined ? [] : [['after', String(afterId)] as const]),
      ]
      const ask: Ask = {
        what: `list events of machine ${systemId}`,
        method: 'GET',
        path: 'events/',
        op: 'query',
        query,
      }
      const { events } = decode(eventsSchema, ask, await http.read(ask))
      return events
        .map(({ id, type, description, level, created }) => ({
          id,
          type,
          description,
          level,
          created: isoTime(created),
        }))
        .sort((a, b) => b.id - a.id)
    },

    // MAAS's own filter does not know the name "release" in every version that has release scripts: sorted out here.
    async results(systemId, type) {
      const filter = type === 'release' ? [] : [['type', type] as const]
      const query = [...filter, ['include_output', 'true'] as const]
      const ask: Ask = {
        what: `list script results of machine ${systemId}`,
        method: 'GET',
        path: `nodes/${encodeURIComponent(systemId)}/results/`,
        query,
      }
      const sets = decode(z.array(resultSetSchema), ask, await http.read(ask)).map(toResultSet)
      return sets.filter((set) => set.type === TYPES[type])
    },
  }
}

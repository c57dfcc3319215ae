import { overview as overviewOf } from '../../services/overview.ts'
import type { Api, ApiContext } from '../context.ts'
import { oneAtATime } from '../one-at-a-time.ts'
import { toOperation } from '../operation-json.ts'
import { overview } from '../schemas/overview.ts'
import { problems } from '../schemas/problem.ts'

export function overviewRoute(api: Api, { services }: ApiContext): void {
  // every open page asks for it, and again at each event: of a large site that is work
  const look = oneAtATime(
    () => overviewOf(services),
    () => performance.now(),
  )
  api.get(
    '/overview',
    {
      schema: {
        operationId: 'getOverview',
        tags: ['site'],
        summary: 'What needs a person, what is under way, and what is free',
        response: { 200: overview, ...problems() },
      },
    },
    async () => {
      const found = await look()
      return {
        ...found,
        running: found.running.map(({ name, usualMs, ...operation }) => ({
          operation: toOperation(operation),
          name,
          usualMs,
        })),
      }
    },
  )
}

import { changePowerPolicy } from '../../services/power.ts'
import type { Api, ApiContext } from '../context.ts'
import { keyParam } from '../schemas/common.ts'
import { host, hostChange } from '../schemas/hosts.ts'
import { problems } from '../schemas/problem.ts'

export function hostPowerRoutes(api: Api, { services }: ApiContext): void {
  api.patch(
    '/hosts/:key',
    {
      schema: {
        operationId: 'changeHost',
        tags: ['hosts'],
        summary: 'Change what is done when the power of a host is not as it should be',
        params: keyParam,
        body: hostChange,
        response: { 200: host, ...problems() },
      },
    },
    async (request) =>
      changePowerPolicy(services, request.caller, request.params.key, request.body.powerPolicy),
  )
}

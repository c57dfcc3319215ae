import { planDeploy, planDestroy } from '../../services/plan.ts'
import { planHeal } from '../../services/plan-heal.ts'
import { planReinstall } from '../../services/plan-reinstall.ts'
import type { Api, ApiContext } from '../context.ts'
import { newInstance } from '../schemas/instances.ts'
import { destroyPlanBody, healPlanBody, plan, reinstallPlanBody } from '../schemas/plans.ts'
import { problems } from '../schemas/problem.ts'

/** What would be done, without doing any of it. */
export function planRoutes(api: Api, { services }: ApiContext): void {
  const tags = ['plans']
  api.post(
    '/plans/deploy',
    {
      schema: {
        operationId: 'planDeploy',
        tags,
        body: newInstance,
        response: { 200: plan, ...problems() },
      },
    },
    async (request) => planDeploy(services, request.body),
  )
  api.post(
    '/plans/destroy',
    {
      schema: {
        operationId: 'planDestroy',
        tags,
        body: destroyPlanBody,
        response: { 200: plan, ...problems() },
      },
    },
    async (request) => planDestroy(services, request.body.instance, request.body.erase ?? null),
  )
  api.post(
    '/plans/reinstall',
    {
      schema: {
        operationId: 'planReinstall',
        tags,
        body: reinstallPlanBody,
        response: { 200: plan, ...problems() },
      },
    },
    async ({ body: { instance, ...request } }) => planReinstall(services, instance, request),
  )
  api.post(
    '/plans/heal',
    {
      schema: {
        operationId: 'planHeal',
        tags,
        body: healPlanBody,
        response: { 200: plan, ...problems() },
      },
    },
    async ({ body: { host, ...options } }) => planHeal(services, host, options),
  )
}

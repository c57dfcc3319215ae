import { planDestroy, planErase } from '../../services/plan.ts'
import { planDeploy } from '../../services/plan-deploy.ts'
import { planHeal } from '../../services/plan-heal.ts'
import { planAttach, planDetach, planPower } from '../../services/plan-instance.ts'
import { planReinstall } from '../../services/plan-reinstall.ts'
import type { Api, ApiContext } from '../context.ts'
import { newInstance } from '../schemas/instances.ts'
import {
  attachPlanBody,
  destroyPlanBody,
  detachPlanBody,
  erasePlanBody,
  healPlanBody,
  instancePlanBody,
  plan,
  reinstallPlanBody,
} from '../schemas/plans.ts'
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
  for (const [action, operationId] of [
    ['start', 'planStart'],
    ['stop', 'planStop'],
    ['reboot', 'planReboot'],
  ] as const)
    api.post(
      `/plans/${action}`,
      { schema: { operationId, tags, body: instancePlanBody, response: { 200: plan, ...problems() } } },
      async ({ body: { instance } }) => planPower(services, instance, action),
    )
  api.post(
    '/plans/attach',
    {
      schema: {
        operationId: 'planAttach',
        tags,
        body: attachPlanBody,
        response: { 200: plan, ...problems() },
      },
    },
    async ({ body: { instance, ...nic } }) => planAttach(services, instance, nic),
  )
  api.post(
    '/plans/detach',
    {
      schema: {
        operationId: 'planDetach',
        tags,
        body: detachPlanBody,
        response: { 200: plan, ...problems() },
      },
    },
    async ({ body: { instance, network } }) => planDetach(services, instance, network),
  )
  api.post(
    '/plans/erase',
    {
      schema: {
        operationId: 'planErase',
        tags,
        summary: 'Of a host without an instance',
        body: erasePlanBody,
        response: { 200: plan, ...problems() },
      },
    },
    async ({ body: { host, erase } }) => planErase(services, host, erase ?? null),
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

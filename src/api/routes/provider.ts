import type { Api, ApiContext } from '../context.ts'
import { problems } from '../schemas/problem.ts'
import { providerChange, providerPlan, providerSettingsView } from '../schemas/provider.ts'

export function providerRoutes(api: Api, { provider }: ApiContext): void {
  const tags = ['site']
  api.get(
    '/settings/provider',
    {
      schema: {
        operationId: 'getProviderSettings',
        tags,
        summary: 'The settings that can be changed here, and who says them',
        response: { 200: providerSettingsView, ...problems() },
      },
    },
    async () => provider.view(),
  )
  api.post(
    '/settings/provider/plan',
    {
      schema: {
        operationId: 'planProviderSettings',
        tags,
        summary: 'What a change would do to the file, and what MAAS says to it; nothing is changed',
        body: providerChange,
        response: { 200: providerPlan, ...problems() },
      },
    },
    async (request) => provider.plan(request.body),
  )
  api.put(
    '/settings/provider',
    {
      schema: {
        operationId: 'changeProviderSettings',
        tags,
        summary: 'Change the file, all of it or nothing, and start this replica anew with it',
        body: providerChange,
        response: { 200: providerPlan, ...problems() },
      },
    },
    async (request) => provider.apply(request.body, request.caller.name),
  )
}

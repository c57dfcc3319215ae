import type { Command } from '../api/command.ts'
import { LIST_PARAMS, listed } from '../api/command.ts'
import { findFor } from '../find.ts'
import type { Delivery, Webhook } from '../state.ts'
import { inDomain } from './zones.ts'

export const eventCommands: Command[] = [
  {
    name: 'listEvents',
    description: 'A command to list events.',
    params: { ...LIST_PARAMS, type: 'string', level: 'string', resourceid: 'uuid' },
    run({ state }, params) {
      const [type, level, resourceId] = ['type', 'level', 'resourceid'].map((name) => params.text(name))
      const events = state.events
        .filter(
          (event) =>
            (type === undefined || event.type === type) &&
            (level === undefined || event.level === level) &&
            (resourceId === undefined || event.resourceId === resourceId),
        )
        .map((event) => ({
          id: event.id,
          username: state.user.name,
          type: event.type,
          level: event.level,
          description: event.description,
          ...inDomain(state),
          ...(event.resourceId === null ? {} : { resourceid: event.resourceId }),
          resourcetype: event.resourceType,
          created: event.created,
          state: event.state,
          archived: false,
        }))
        .reverse()
      return listed('event', events, params)
    },
  },
  {
    name: 'createWebhook',
    description: 'Creates a Webhook',
    params: {
      name: 'string!',
      payloadurl: 'string!',
      description: 'string',
      scope: 'string',
      secretkey: 'string',
      sslverification: 'boolean',
      state: 'string',
    },
    run(cloud, params) {
      const webhook: Webhook = {
        id: cloud.newId(),
        name: params.must('name'),
        description: params.text('description') ?? '',
        payloadUrl: params.must('payloadurl'),
        secretKey: params.text('secretkey') ?? null,
        state: params.text('state')?.toLowerCase() === 'disabled' ? 'Disabled' : 'Enabled',
        created: cloud.now(),
      }
      cloud.state.webhooks.push(webhook)
      cloud.touch()
      return { webhook: webhookView(webhook) }
    },
  },
  {
    name: 'listWebhooks',
    description: 'Lists Webhooks',
    params: LIST_PARAMS,
    run: ({ state }, params) => listed('webhook', state.webhooks.map(webhookView), params),
  },
  {
    name: 'deleteWebhook',
    description: 'Deletes a Webhook',
    params: { id: 'uuid!' },
    run(cloud, params) {
      const webhook = findFor(cloud.state.webhooks, 'deleteWebhook', 'id', params.must('id'))
      cloud.state.webhooks = cloud.state.webhooks.filter(({ id }) => id !== webhook.id)
      cloud.touch()
      return { success: true }
    },
  },
  {
    name: 'listWebhookDeliveries',
    description: 'Lists Webhook deliveries',
    params: { ...LIST_PARAMS, webhookid: 'uuid' },
    run({ state }, params) {
      const webhookId = params.text('webhookid')
      const deliveries = state.deliveries.filter(
        (one) => webhookId === undefined || one.webhookId === webhookId,
      )
      return listed('webhookdelivery', deliveries.map(deliveryView), params)
    },
  },
]

function webhookView(webhook: Webhook): Record<string, unknown> {
  return {
    id: webhook.id,
    name: webhook.name,
    description: webhook.description,
    state: webhook.state,
    payloadurl: webhook.payloadUrl,
    scope: 'Local',
    sslverification: true,
    ...(webhook.secretKey === null ? {} : { secretkey: webhook.secretKey }),
    created: webhook.created,
  }
}

function deliveryView(delivery: Delivery): Record<string, unknown> {
  return {
    id: delivery.id,
    eventid: delivery.eventId,
    eventtype: delivery.eventType,
    webhookid: delivery.webhookId,
    payload: delivery.payload,
    success: delivery.success,
    response: delivery.response,
    startdate: delivery.startedAt,
    enddate: delivery.endedAt,
  }
}

import { createHmac } from 'node:crypto'
import type { CloudState, Delivery, Webhook } from '../state.ts'

const TRIES = 3
/** Real milliseconds. */
const PATIENCE = 10_000
/** Deliveries of one webhook that are remembered. */
const KEPT = 10

interface Books {
  state: CloudState
  newId(): string
  now(): string
  touch(): void
}

export interface HookEvent {
  id: string
  type: string
  payload: string
}

/** Tells an event to every webhook: only an answer of exactly 200 counts, and nothing says that it comes once. */
export function deliver(books: Books, event: HookEvent): void {
  for (const webhook of books.state.webhooks)
    if (webhook.state === 'Enabled') void deliverTo(books, webhook, event)
}

async function deliverTo(books: Books, webhook: Webhook, event: HookEvent): Promise<void> {
  for (let tried = 0; tried < TRIES; tried += 1) {
    const startedAt = books.now()
    const { success, response } = await post(books, webhook, event)
    keep(books, {
      id: books.newId(),
      webhookId: webhook.id,
      eventId: event.id,
      eventType: event.type,
      payload: event.payload,
      success,
      response,
      startedAt,
      endedAt: books.now(),
    })
    if (success) return
  }
}

async function post(
  { state }: Books,
  { payloadUrl, secretKey }: Webhook,
  event: HookEvent,
): Promise<{ success: boolean; response: string }> {
  const signature =
    secretKey === null ? null : createHmac('sha256', secretKey).update(event.payload).digest('base64')
  try {
    const answer = await fetch(payloadUrl, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'user-agent': `CS-Hookshot/${state.account.id}`,
        'X-CS-Event-ID': event.id,
        'X-CS-Event': event.type,
        ...(signature === null ? {} : { 'X-CS-Signature': signature }),
      },
      body: event.payload,
      signal: AbortSignal.timeout(PATIENCE),
    })
    return { success: answer.status === 200, response: await answer.text() }
  } catch (error) {
    return { success: false, response: String(error) }
  }
}

function keep({ state, touch }: Books, delivery: Delivery): void {
  const others = state.deliveries.filter(({ webhookId }) => webhookId !== delivery.webhookId)
  const own = state.deliveries.filter(({ webhookId }) => webhookId === delivery.webhookId)
  state.deliveries = [...others, ...own.slice(-(KEPT - 1)), delivery]
  touch()
}

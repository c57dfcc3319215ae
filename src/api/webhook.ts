import type { FastifyInstance } from 'fastify'
import { FerruleError } from '../domain/errors.ts'

/** Who takes CloudStack's webhooks; false: the signature is not CloudStack's. */
export type TakeWebhook = (body: string, signature: string | undefined) => boolean

const LARGEST = 64 * 1024

/**
 * CloudStack's webhooks carry no token but a signature over the body, so they have a path outside of the interface for
 * people. Only 200 counts as taken. What one says is not read: it only makes Ferrule look sooner.
 */
export function webhookRoute(app: FastifyInstance, take: TakeWebhook): void {
  app.register(async (scope) => {
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('*', { parseAs: 'string', bodyLimit: LARGEST }, (_request, body, done) =>
      done(null, body),
    )
    scope.post('/cloudstack/webhook', { schema: { hide: true } }, async (request, reply) => {
      const signature = request.headers['x-cs-signature']
      const body = typeof request.body === 'string' ? request.body : ''
      if (!take(body, typeof signature === 'string' ? signature : undefined))
        throw new FerruleError(
          'unauthenticated',
          'the webhook does not carry the signature of its secret key',
          'Give the webhook in CloudStack the secret key of cloudstack.api.webhookSecret.',
        )
      return reply.code(200).send()
    })
  })
}

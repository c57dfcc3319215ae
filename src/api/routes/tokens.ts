import { z } from 'zod'
import { createToken, removeToken, tokens } from '../../services/tokens.ts'
import type { Api, ApiContext } from '../context.ts'
import { keyParam } from '../schemas/common.ts'
import { problems } from '../schemas/problem.ts'
import { createdToken, newTokenBody, tokensPage } from '../schemas/site.ts'

/** Answers with a token in them are never remembered, so there is no Idempotency-Key here; names are unique. */
export function tokenRoutes(api: Api, { services, hashToken }: ApiContext): void {
  const tags = ['tokens']
  const newToken = () => {
    // 256 bits; the prefix lets secret scanners, and people, tell what a found string opens
    const token = `frl_${Buffer.from(services.random(32)).toString('base64url')}`
    return { token, hash: hashToken(token) }
  }
  api.get(
    '/tokens',
    { schema: { operationId: 'listTokens', tags, response: { 200: tokensPage, ...problems() } } },
    async () => ({ items: await tokens(services) }),
  )
  api.post(
    '/tokens',
    {
      schema: {
        operationId: 'createToken',
        tags,
        body: newTokenBody,
        response: { 201: createdToken, ...problems() },
      },
    },
    async (request, reply) => reply.code(201).send(await createToken(services, newToken, request.body)),
  )
  api.delete(
    '/tokens/:key',
    {
      schema: {
        operationId: 'removeToken',
        tags,
        params: keyParam,
        response: { 204: z.undefined().describe('Removed'), ...problems() },
      },
    },
    async (request, reply) => {
      await removeToken(services, request.params.key)
      return reply.code(204).send()
    },
  )
}

import type { SwaggerOptions } from '@fastify/swagger'
import { createJsonSchemaTransformObject, jsonSchemaTransform } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { rackFileSchema } from '../services/rack-file.ts'

/** OpenAPI 3.1, made from the very schemas that validate. */
export function openApiOptions(version: string): SwaggerOptions {
  const withComponents = createJsonSchemaTransformObject({})
  return {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Ferrule',
        version,
        description:
          'Bare metal managed by MAAS as CloudStack instances. Long work answers 202 with an operation and its Location; errors are application/problem+json with stable codes.',
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      },
      servers: [{ url: '/' }],
      components: {
        securitySchemes: { token: { type: 'http', scheme: 'bearer', bearerFormat: 'frl_…' } },
      },
      security: [{ token: [] }],
    },
    transform: jsonSchemaTransform,
    transformObject: (document) => tidy(withComponents(document)),
  }
}

interface Call {
  responses?: Record<string, object>
  requestBody?: { required?: boolean; content?: Record<string, { schema?: { anyOf?: { type?: string }[] } }> }
}

/** What is read and written of it here. */
interface OpenApi {
  paths?: Record<string, Record<string, Call> | undefined>
  components?: { schemas?: Record<string, unknown>; responses?: Record<string, unknown> }
}

function tidy<Document extends object>(document: Document): Document {
  withRackFile(document)
  shareProblems(document)
  freeNullBodies(document)
  withoutUnused(document)
  return document
}

/** The body of this call stays text until its own parser reads it, so that the routes cannot say what it is. */
function withRackFile(document: OpenApi): void {
  const { $schema: _, ...rackFile } = z.toJSONSchema(rackFileSchema)
  const put = document.paths?.['/api/v1/racks/{key}']?.put
  if (put)
    Object.assign(put, {
      requestBody: {
        required: true,
        content: {
          'application/json': { schema: rackFile },
          'application/yaml': { schema: { type: 'string' } },
          'text/plain': { schema: { type: 'string' } },
        },
      },
    })
}

/** Every call may end in the same problems: written once, referred to everywhere. */
function shareProblems(document: OpenApi): void {
  const shared: Record<string, unknown> = {}
  for (const path of Object.values(document.paths ?? {}))
    for (const { responses } of Object.values(path ?? {}))
      for (const [status, response] of Object.entries(responses ?? {})) {
        if (!('content' in response) || !JSON.stringify(response.content).includes('problem+json')) continue
        shared[`Problem${status}`] = response
        if (responses) responses[status] = { $ref: `#/components/responses/Problem${status}` }
      }
  document.components = { ...document.components, responses: shared }
}

/** A body that may be null may be left out. */
function freeNullBodies(document: OpenApi): void {
  for (const path of Object.values(document.paths ?? {}))
    for (const { requestBody } of Object.values(path ?? {})) {
      const { schema } = requestBody?.content?.['application/json'] ?? {}
      if (requestBody && schema?.anyOf?.some(({ type }) => type === 'null')) requestBody.required = false
    }
}

/** Each schema comes once for requests and once for answers; what nothing refers to only confuses readers. */
function withoutUnused(document: OpenApi): void {
  const schemas: Record<string, unknown> = document.components?.schemas ?? {}
  const used = new Set<string>()
  const visit = (part: unknown): void => {
    for (const [, id] of JSON.stringify(part ?? null).matchAll(/"#\/components\/schemas\/([^"]+)"/g)) {
      if (id === undefined || used.has(id)) continue
      used.add(id)
      visit(schemas[id])
    }
  }
  visit([document.paths, document.components?.responses])
  for (const id of Object.keys(schemas)) if (!used.has(id)) delete schemas[id]
}

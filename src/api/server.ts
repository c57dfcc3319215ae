import swagger from '@fastify/swagger'
import type { FastifyInstance } from 'fastify'
import Fastify from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { serializerCompiler, validatorCompiler } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { schemaWords } from '../domain/schema-words.ts'
import { authenticate } from './auth.ts'
import { consolePage } from './console-page.ts'
import { consoleSocket } from './console-socket.ts'
import type { Api, ApiContext, ApiOptions } from './context.ts'
import { frontPage } from './front-page.ts'
import { refuseHalfUuid, refuseUnstorable } from './input-check.ts'
import { LiveFeed } from './live.ts'
import { knownMethods, noSuchRoute } from './methods.ts'
import { openApiOptions } from './openapi.ts'
import { answerProblem } from './problems.ts'
import { consoleRoutes } from './routes/consoles.ts'
import { driftRoutes } from './routes/drift.ts'
import { eventRoutes } from './routes/events.ts'
import { hostBmcRoutes } from './routes/host-bmc.ts'
import { hostHardwareRoutes } from './routes/host-hardware.ts'
import { hostPowerRoutes } from './routes/host-power.ts'
import { hostRoutes } from './routes/hosts.ts'
import { instanceActionRoutes } from './routes/instance-actions.ts'
import { instanceRoutes } from './routes/instances.ts'
import { labRoutes } from './routes/lab.ts'
import { networkRoutes } from './routes/networks.ts'
import { offeringRoutes } from './routes/offerings.ts'
import { operationRoutes } from './routes/operations.ts'
import { overviewRoute } from './routes/overview.ts'
import { planRoutes } from './routes/plans.ts'
import { providerRoutes } from './routes/provider.ts'
import { rackFileRoute, rackRoutes } from './routes/racks.ts'
import { recoveryRoutes } from './routes/recovery.ts'
import { healthRoute, siteRoutes } from './routes/site.ts'
import { templateRoutes } from './routes/templates.ts'
import { tokenRoutes } from './routes/tokens.ts'
import { OpenStreams } from './sse.ts'
import { uiFiles } from './ui-files.ts'
import { webhookRoute } from './webhook.ts'

const base = '/api/v1'
/** For requests that are being answered when the server is closed. */
const closeGraceMs = 1_000
const largestBody = 1024 * 1024

/** The HTTP interface, ready to listen. Closing it ends its streams; the database pool stays the caller's. */
export async function createApi(options: ApiOptions): Promise<FastifyInstance> {
  const { log } = options
  const app = Fastify({
    bodyLimit: largestBody,
    exposeHeadRoutes: false,
    routerOptions: { maxParamLength: 400 },
    frameworkErrors: (error, request, reply) => {
      answerProblem(log, error, request, reply)
    },
  }).withTypeProvider<ZodTypeProvider>()
  const context: ApiContext = {
    ...options,
    live: new LiveFeed(options.database, log),
    streams: new OpenStreams(),
  }

  // for all of this process: the compiler takes no words of its own
  z.config({ customError: schemaWords })
  app.setValidatorCompiler(validatorCompiler)
  app.setSerializerCompiler(serializerCompiler)
  app.setErrorHandler((error, request, reply) => answerProblem(log, error, request, reply))
  const methodsOf = knownMethods(app)
  // before fastify looks at the body: a wrong method is told whatever else is wrong with the request
  app.addHook('onRequest', async (request, reply) => {
    if (!request.is404) return
    const methods = methodsOf(request)
    if (methods.length > 0) reply.header('allow', methods.join(', '))
    throw noSuchRoute(request, methods)
  })
  readJson(app)
  app.decorateRequest('caller')
  const endConsoles = consoleSocket(app, context)
  app.addHook('preClose', async () => {
    context.streams.closeAll()
    endConsoles()
    await context.consoles.close()
    // a connection that was opened and never used is neither idle nor busy to node: it would hold up the end
    setTimeout(() => app.server.closeAllConnections(), closeGraceMs).unref()
  })
  app.addHook('onClose', async () => context.live.close())

  await app.register(swagger, openApiOptions(options.version))
  await app.after()
  if (!(await uiFiles(app))) frontPage(app, options.version)
  consolePage(app)
  if (options.takeWebhook !== undefined) webhookRoute(app, options.takeWebhook)
  await app.register(async (scope) => openRoutes(scope.withTypeProvider<ZodTypeProvider>(), context), {
    prefix: base,
  })
  await app.register(async (scope) => securedRoutes(scope.withTypeProvider<ZodTypeProvider>(), context), {
    prefix: base,
  })
  await app.ready()
  return app
}

/** Like fastify's own, but an empty body is no body: a POST without one may still name its type. */
function readJson(app: Api): void {
  app.removeAllContentTypeParsers()
  const parse = app.getDefaultJsonParser('error', 'error')
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    if (body.length === 0) return done(null, undefined)
    return parse(request, String(body), done)
  })
}

function openRoutes(api: Api, context: ApiContext): void {
  healthRoute(api, context)
  let document = ''
  api.get('/openapi.json', { schema: { hide: true } }, async (_request, reply) => {
    document ||= JSON.stringify(api.swagger())
    return reply.type('application/json').send(document)
  })
}

function securedRoutes(api: Api, context: ApiContext): void {
  api.addHook('onRequest', async (request) => authenticate(context, request))
  api.addHook('preValidation', refuseUnstorable)
  api.addHook('preHandler', refuseHalfUuid)
  rackRoutes(api, context)
  api.register(async (room) => rackFileRoute(room.withTypeProvider<ZodTypeProvider>(), context))
  hostRoutes(api, context)
  hostBmcRoutes(api, context)
  hostHardwareRoutes(api, context)
  consoleRoutes(api, context)
  driftRoutes(api, context)
  hostPowerRoutes(api, context)
  templateRoutes(api, context)
  offeringRoutes(api, context)
  networkRoutes(api, context)
  instanceRoutes(api, context)
  instanceActionRoutes(api, context)
  planRoutes(api, context)
  operationRoutes(api, context)
  eventRoutes(api, context)
  tokenRoutes(api, context)
  siteRoutes(api, context)
  providerRoutes(api, context)
  overviewRoute(api, context)
  recoveryRoutes(api, context)
  labRoutes(api, context)
}

import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { FastifyInstance } from 'fastify'
import Fastify from 'fastify'
import type { FerruleError } from '../domain/errors.ts'
import type { Caller, Services } from '../services/context.ts'
import { why } from '../services/why.ts'
import { instanceByExternalId } from '../store/instances.ts'
import type { Log } from '../telemetry/log.ts'
import type { Answer } from './answers.ts'
import { done, refused, refusedBy } from './answers.ts'
import { create, start } from './create.ts'
import type { CloudstackVm } from './payload.ts'
import { parsePayload } from './payload.ts'
import { reboot, remove, status, stop } from './power-actions.ts'
import { prepare } from './prepare.ts'
import { answerBy } from './waiting.ts'

/**
 * The CloudStack extension's other end: a unix socket that only the owner and its group can open. HTTP 200 means exit
 * code 0, anything else 1; the body is what the executable prints.
 */
export async function createDoor(options: {
  services: Services
  log: Log
  recovery: FerruleError | null
  socket: string
}): Promise<FastifyInstance> {
  const { services, log, recovery } = options
  await mkdir(dirname(options.socket), { recursive: true })
  const server = Fastify({ bodyLimit: 4 * 1024 * 1024, forceCloseConnections: true })
  server.post('/extension', async (request, reply) => {
    const action = String(request.headers['x-ferrule-action'] ?? '')
    const timeout = Number(request.headers['x-ferrule-timeout'] ?? 1800) || 1800
    const answer = recovery ? refused(recovery) : await answerTo(services, log, action, request.body, timeout)
    return reply
      .code(answer.exit === 0 ? 200 : 409)
      .header('content-type', 'application/json')
      .send(JSON.stringify(answer.body))
  })
  server.setErrorHandler(async (error, _request, reply) => {
    log('error', 'the CloudStack door failed', {
      error: error instanceof Error ? (error.stack ?? error.message) : String(error),
    })
    return reply
      .code(500)
      .send({ status: 'error', message: 'Ferrule met an unexpected error; its log says more.' })
  })
  return server
}

const caller: Caller = { name: 'cloudstack', role: 'cloudstack' }

async function answerTo(
  services: Services,
  log: Log,
  action: string,
  body: unknown,
  timeout: number,
): Promise<Answer> {
  // commands of CloudStack that no extension knows arrive as actions named by their Java class, every few minutes
  if (action.includes('.')) return { exit: 1, body: { status: 'error' } }
  try {
    const answer = await act(services, action, parsePayload(body), answerBy(services.tools.now(), timeout))
    if (answer.exit !== 0) log('info', 'CloudStack was refused', { action, answer: answer.body })
    return answer
  } catch (error) {
    return refusedBy(error)
  }
}

async function act(services: Services, action: string, vm: CloudstackVm, by: number): Promise<Answer> {
  switch (action) {
    case 'prepare':
      return prepareOrRepeat(services, vm, by)
    case 'create':
      return create(services, caller, vm, by)
    case 'start':
      return start(services, caller, vm, by)
    case 'stop':
      return stop(services, caller, vm, by)
    case 'reboot':
      return reboot(services, caller, vm, by)
    case 'delete':
      return remove(services, caller, vm, by)
    case 'status':
      return status(services, vm)
    case 'why':
      return whyVm(services, vm)
    default:
      return refused(`Ferrule has no action "${action}"`)
  }
}

/** A VM that has been here before keeps its host: nothing is prepared anew while it lives. */
async function prepareOrRepeat(services: Services, vm: CloudstackVm, by: number): Promise<Answer> {
  const instance = await instanceByExternalId(services.tools.db, vm.uuid)
  switch (instance?.state) {
    case undefined:
    case 'destroyed':
    case 'failed':
      return prepare(services, vm)
    case 'undoing':
      if (services.tools.now() >= by)
        return refused(`an earlier deployment of ${vm.name} is still being undone. Try again.`)
      await services.tools.sleep(100)
      return prepareOrRepeat(services, vm, by)
    case 'destroying':
    case 'parked':
      return refused(`${vm.name} is ${instance.state}. See "ferrule why instance ${instance.name}".`)
    default:
      return done({ details: { 'External:ferrule_token': vm.token ?? '' } })
  }
}

async function whyVm(services: Services, vm: CloudstackVm): Promise<Answer> {
  const instance = await instanceByExternalId(services.tools.db, vm.uuid)
  if (!instance) return refused(`${vm.name} is unknown here`)
  return done({
    status: 'success',
    message: await why(services, 'instance', instance.id),
    printmessage: 'true',
  })
}

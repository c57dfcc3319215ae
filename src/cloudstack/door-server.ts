import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { FastifyInstance } from 'fastify'
import Fastify from 'fastify'
import type { Caller, Services } from '../services/context.ts'
import { requireEnabled } from '../services/enabled.ts'
import type { Mode } from '../services/recovery-mode.ts'
import type { Log } from '../telemetry/log.ts'
import type { Answer } from './answers.ts'
import { refused, refusedBy } from './answers.ts'
import type { Call } from './call.ts'
import { look } from './call.ts'
import type { VmAction } from './call-table.ts'
import { callTable } from './call-table.ts'
import { actionNamed } from './custom-actions.ts'
import { parsePayload } from './payload.ts'
import { placeOf, VmPlaces } from './statuses.ts'
import { answerBy, patience } from './waiting.ts'

/**
 * The CloudStack extension's other end: a unix socket that only the owner and its group can open. HTTP 200 means exit
 * code 0, anything else 1; the body is what the executable prints.
 */
export async function createDoor(options: {
  services: Services
  log: Log
  mode: Mode
  socket: string
  /** Where a browser reaches Ferrule; null: not known. */
  publicUrl(): string | null
}): Promise<FastifyInstance> {
  const { services, log, mode, publicUrl } = options
  await mkdir(dirname(options.socket), { recursive: true })
  const places = new VmPlaces(services)
  const server = Fastify({ bodyLimit: 4 * 1024 * 1024, forceCloseConnections: true })
  server.post('/extension', async (request, reply) => {
    const killed = new AbortController()
    reply.raw.on('close', () => {
      if (!reply.raw.writableEnded) killed.abort()
    })
    const refusal = mode.refusal()
    const answer = refusal
      ? refused(refusal)
      : await answerTo(
          { services, log, publicUrl, places },
          {
            action: actionNamed(String(request.headers['x-ferrule-action'] ?? '')),
            body: request.body,
            timeout: Number(request.headers['x-ferrule-timeout'] ?? 1800) || 1800,
            gone: killed.signal,
          },
        )
    const { exit, text } = printed(answer)
    return reply
      .code(exit === 0 ? 200 : 409)
      .header('content-type', 'application/json')
      .send(text)
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

/** The executable's output has to fit a pipe; CloudStack reads it only once the process has ended. */
const LONGEST = 60_000

function printed({ exit, body }: Answer): { exit: 0 | 1; text: string } {
  const text = body === null ? '' : JSON.stringify(body)
  if (Buffer.byteLength(text) <= LONGEST) return { exit, text }
  return {
    exit: 1,
    text: JSON.stringify(
      refused('The answer is too long for CloudStack. Ask with the command line ferrule.').body,
    ),
  }
}

const caller: Caller = { name: 'cloudstack', role: 'cloudstack' }

/** What may change something asks first whether Ferrule is to provision at all. */
const provisioning: ReadonlySet<string> = new Set(['prepare', 'create', 'start', 'reboot', 'reinstall'])

async function answerTo(
  context: { services: Services; log: Log; publicUrl(): string | null; places: VmPlaces },
  request: { action: string; body: unknown; timeout: number; gone: AbortSignal },
): Promise<Answer> {
  const { services, log, places, publicUrl } = context
  const { action, body, timeout, gone } = request
  // commands of CloudStack that no extension knows arrive as actions named by their Java class, every few minutes
  if (isJavaClass(action)) return { exit: 1, body: null }
  const overdue = new AbortController()
  const callOf = (action: VmAction, payload: unknown): Call => {
    const call: Call = {
      services,
      caller,
      vm: parsePayload(payload),
      publicUrl,
      by: answerBy(services.tools.now(), timeout),
      gone,
      again: () => act(action, call),
    }
    return call
  }
  try {
    if (action === 'statuses')
      return await places.statuses(placeOf(body), ({ uuid, name }) =>
        act('status', callOf('status', { virtualmachineid: uuid, virtualmachinename: name })),
      )
    if (!isAction(action)) return refused(`Ferrule has no action "${action}".`)
    if (provisioning.has(action)) requireEnabled(services)
    const call = callOf(action, body)
    const tooLate = pause(patience(timeout), refused(`Ferrule is still at work on ${action}. Try again.`), {
      signal: overdue.signal,
      ref: false,
    })
    await places.note(call.vm.uuid, placeOf(body))
    const answer = await Promise.race([act(action, call), tooLate])
    // before it there may have been no record of the VM
    if (action === 'create') await places.note(call.vm.uuid, placeOf(body))
    if (answer.exit !== 0) log('info', 'CloudStack was refused', { action, answer: answer.body })
    return answer
  } catch (error) {
    return refusedBy(error)
  } finally {
    overdue.abort()
  }
}

async function act(action: VmAction, call: Call): Promise<Answer> {
  const found = await look(call)
  const row = callTable[action]
  const { state, instance } = found
  return state === 'none' || instance === null
    ? row.none(call, found)
    : row[state](call, { ...found, instance })
}

function isAction(action: string): action is VmAction {
  return Object.hasOwn(callTable, action)
}

function isJavaClass(action: string): boolean {
  return /^[a-z]+(\.\w+){2,}$/.test(action)
}

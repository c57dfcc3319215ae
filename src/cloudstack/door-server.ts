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
import { refused, refusedBy, withReference } from './answers.ts'
import type { Call } from './call.ts'
import { look, stillAt } from './call.ts'
import type { VmAction } from './call-table.ts'
import { callTable } from './call-table.ts'
import { actionNamed } from './custom-actions.ts'
import { isNetworkCommand } from './network/commands.ts'
import { answerIdle, answerNetwork } from './network/listener.ts'
import { parsePayload } from './payload.ts'
import { placeOf, VmPlaces } from './statuses.ts'
import { answerBy, callId, LAST_WORD, patience } from './waiting.ts'

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
  /** CloudStack's own records are to be looked at soon. */
  hint(): void
}): Promise<FastifyInstance> {
  const { services, log, mode, publicUrl, hint } = options
  await mkdir(dirname(options.socket), { recursive: true })
  const places = new VmPlaces(services)
  const server = Fastify({ bodyLimit: 4 * 1024 * 1024, forceCloseConnections: true })
  server.post('/extension', async (request, reply) => {
    const killed = new AbortController()
    reply.raw.on('close', () => {
      if (!reply.raw.writableEnded) killed.abort()
    })
    const refusal = mode.refusal()
    const id = callId(request.headers)
    const action = actionNamed(String(request.headers['x-ferrule-action'] ?? ''))
    const said = refusal
      ? ((isNetworkCommand(action) ? answerIdle(action) : null) ?? refused(refusal))
      : await answerTo(
          { services, publicUrl, places, hint },
          {
            id,
            action,
            body: request.body,
            timeout: Number(request.headers['x-ferrule-timeout'] ?? 1800) || 1800,
            gone: killed.signal,
          },
        )
    const { exit, text, answer } = printed(said, id)
    if (answer.refusal) log('info', 'CloudStack was refused', { call: id, action, answer: answer.body })
    return reply
      .code(exit === 0 ? 200 : 409)
      .header('content-type', 'application/json')
      .send(text)
  })
  server.setErrorHandler(async (error, request, reply) => {
    const id = callId(request.headers)
    const answer = withReference(refused(faultOf(error)), id)
    log('error', 'the CloudStack door failed', {
      call: id,
      error: error instanceof Error ? (error.stack ?? error.message) : String(error),
    })
    return reply.code(500).header('content-type', 'application/json').send(JSON.stringify(answer.body))
  })
  return server
}

/** Nothing of an unexpected fault leaves the log: its text is for programmers, and may hold more than a user is to see. */
function faultOf(error: unknown): { message: string; remedy: string } {
  const status = error instanceof Error && 'statusCode' in error ? error.statusCode : 500
  if (status === 413)
    return {
      message: 'the payload of CloudStack is too large',
      remedy: 'Take details off the VM, its template or its offering.',
    }
  if (status === 400 || status === 415)
    return {
      message: 'the payload of CloudStack is no JSON',
      remedy: 'Look at the payload file on the management server: its disk may be full.',
    }
  return {
    message: 'Ferrule met an unexpected fault',
    remedy: 'Give this reference to the operator: the log of Ferrule says more.',
  }
}

/** The executable's output has to fit a pipe; CloudStack reads it only once the process has ended. */
const LONGEST = 60_000

function printed(said: Answer, call: string): { exit: 0 | 1; text: string; answer: Answer } {
  const answer = withReference(said, call)
  const text = answer.body === null ? '' : JSON.stringify(answer.body)
  if (Buffer.byteLength(text) <= LONGEST) return { exit: answer.exit, text, answer }
  return printed(refused('The answer is too long for CloudStack. Ask with the command line ferrule.'), call)
}

const caller: Caller = { name: 'cloudstack', role: 'cloudstack' }

/** What may change something asks first whether Ferrule is to provision at all. */
const provisioning: ReadonlySet<string> = new Set(['prepare', 'create', 'start', 'reboot', 'reinstall'])

async function answerTo(
  context: { services: Services; publicUrl(): string | null; places: VmPlaces; hint(): void },
  request: { id: string; action: string; body: unknown; timeout: number; gone: AbortSignal },
): Promise<Answer> {
  const { services, places, publicUrl } = context
  const { id, action, body, timeout, gone } = request
  // commands of CloudStack that no extension knows arrive as actions named by their Java class, every few minutes
  if (isJavaClass(action)) return { exit: 1, body: null }
  const overdue = new AbortController()
  const callOf = (action: VmAction, payload: unknown): Call => {
    const call: Call = {
      services,
      caller,
      vm: parsePayload(payload),
      id,
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
    if (isNetworkCommand(action)) {
      const late = pause(patience(timeout), refused(`Ferrule is still at work on ${action}; try again`), {
        ...{ signal: overdue.signal, ref: false },
      })
      return await Promise.race([answerNetwork(services, context.hint, action, body), late])
    }
    if (!isAction(action)) return refused(`Ferrule has no action "${action}".`)
    if (provisioning.has(action)) requireEnabled(services)
    const call = callOf(action, body)
    const tooLate = pause(patience(timeout), undefined, { signal: overdue.signal, ref: false }).then(() =>
      overdueAnswer(call, action),
    )
    return await Promise.race([noted(places, call, action, placeOf(body)), tooLate])
  } catch (error) {
    return refusedBy(error)
  } finally {
    overdue.abort()
  }
}

async function noted(places: VmPlaces, call: Call, action: VmAction, place: string | null): Promise<Answer> {
  await places.note(call.vm.uuid, place)
  const answer = await act(action, call)
  // before it there may have been no record of the VM
  if (action === 'create') await places.note(call.vm.uuid, place)
  return answer
}

/** Something hangs. What it is at is looked up only if that is quick: it may be the database that hangs. */
function overdueAnswer(call: Call, action: string): Promise<Answer> {
  const said = `Ferrule is still at work on ${action}; try again`
  const plain = pause(LAST_WORD, refused(said), { ref: false })
  return Promise.race([stillAt(call, said).catch(() => plain), plain])
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

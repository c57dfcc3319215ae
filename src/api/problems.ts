import { randomUUID } from 'node:crypto'
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { FerruleError } from '../domain/errors.ts'
import type { Log } from '../telemetry/log.ts'
import type { Problem } from './schemas/problem.ts'

/** Every error, from wherever, leaves as application/problem+json (RFC 9457). */
export function answerProblem(
  log: Log,
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const known = toFerruleError(error)
  if (known) return sendProblem(reply, toProblem(known, pathOf(request)))
  const id = randomUUID()
  log('error', 'the API met an unexpected error', {
    id,
    method: request.method,
    route: request.routeOptions.url ?? null,
    error: error instanceof Error ? (error.stack ?? error.message) : String(error),
  })
  const internal = new FerruleError(
    'internal',
    'an unexpected error',
    `Look into the log for ${id}, and report it.`,
  )
  return sendProblem(reply, toProblem(internal, `urn:uuid:${id}`))
}

export function toProblem(error: FerruleError, instance: string): Problem {
  return {
    type: `urn:ferrule:problem:${error.code}`,
    title: error.code.replaceAll('-', ' '),
    status: error.status,
    detail: error.message,
    code: error.code,
    remedy: error.remedy,
    details: error.details,
    instance,
  }
}

function sendProblem(reply: FastifyReply, problem: Problem): FastifyReply {
  if (problem.status === 401) reply.header('www-authenticate', 'Bearer')
  // written out here, so that no route's own schema of the same status is applied to it
  return reply.code(problem.status).type('application/problem+json').send(JSON.stringify(problem))
}

function pathOf(request: FastifyRequest): string {
  return request.url.split('?')[0] ?? '/'
}

function toFerruleError(error: unknown): FerruleError | null {
  if (error instanceof FerruleError) return error
  if (!(error instanceof Error)) return null
  if (isFastifyError(error)) return fromFastify(error)
  if (isDataException(error))
    return new FerruleError(
      'invalid-input',
      'the database refuses a value of the request',
      'Look for characters or numbers that cannot be stored.',
    )
  if (error instanceof RangeError && error.message.includes('call stack'))
    return new FerruleError('invalid-input', 'the body is nested too deeply', 'Send a flatter one.')
  return null
}

function isFastifyError(error: Error): error is FastifyError {
  return 'statusCode' in error && typeof error.statusCode === 'number'
}

/** PostgreSQL's class 22: a value that its type cannot hold. */
function isDataException(error: Error): boolean {
  return 'code' in error && typeof error.code === 'string' && /^22[0-9A-Z]{3}$/.test(error.code)
}

function fromFastify(error: FastifyError): FerruleError | null {
  if (error.validation) {
    const faults = error.validation.map((fault) => ({
      path: `${placeOf(error.validationContext)}${fault.instancePath === '/' ? '' : fault.instancePath}`,
      problem: fault.message ?? 'is not valid',
    }))
    const list = faults.map((fault) => `${fault.path}: ${fault.problem}`).join(' | ')
    return new FerruleError(
      'invalid-input',
      `the request has ${faults.length} fault${faults.length > 1 ? 's' : ''}: ${list}`,
      'Correct these places and send it again; nothing was changed.',
      { faults },
    )
  }
  switch (error.statusCode) {
    case 413:
      return new FerruleError('payload-too-large', 'the body is too large', 'Send at most 1 MiB.')
    case 415:
      return new FerruleError(
        'unsupported-media-type',
        'the body is of a type that is not read here',
        'Send application/json; rack configurations also as application/yaml or text/plain.',
      )
    case 400:
    case 414:
    case 431:
      return new FerruleError('invalid-input', error.message, 'Correct the request; nothing was changed.')
    default:
      return null
  }
}

const places: Record<string, string> = {
  body: 'body',
  querystring: 'query',
  params: 'path',
  headers: 'headers',
}

function placeOf(context: string | undefined): string {
  return places[context ?? 'body'] ?? 'body'
}

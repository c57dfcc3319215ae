import { z } from 'zod'
import type { ErrorCode } from '../../domain/errors.ts'
import { errorCatalogue } from '../../domain/errors.ts'

const codes = Object.keys(errorCatalogue) as [ErrorCode, ...ErrorCode[]]

/** RFC 9457. `code` is stable; `detail` and `remedy` are for people. */
export const problem = z
  .object({
    type: z.string().describe('urn:ferrule:problem:<code>'),
    title: z.string(),
    status: z.int(),
    detail: z.string().describe('What failed, on which thing, what was seen'),
    code: z.enum(codes),
    remedy: z.string().describe('What to do about it'),
    details: z
      .record(z.string(), z.unknown())
      .describe('For machines, e.g. every fault of the input with its path'),
    instance: z.string().describe('The path that was asked for, or the id under which the log has more'),
  })
  .meta({ id: 'Problem' })

export type Problem = z.infer<typeof problem>

const meanings: Record<string, string> = {
  400: 'The request is faulty; details.faults lists every fault with its path',
  401: 'No token, or an unknown one',
  403: 'The token does not allow this',
  404: 'There is no such thing',
  405: 'The path has no such method',
  409: 'What is asked for cannot be now',
  413: 'The body is too large',
  415: 'The body is of a type that is not read here',
  500: 'Unexpected; the log has more under the id in "instance"',
  502: 'MAAS, CloudStack, a BMC or a switch failed or refused',
  503: 'Not enabled, recovering, or the database is away',
  504: 'A deadline passed',
}

type ProblemResponse = {
  description: string
  content: { 'application/problem+json': { schema: typeof problem } }
}

/** Every call may end in these: said once, so that no call forgets one. */
export function problems(): Record<string, ProblemResponse> {
  return Object.fromEntries(
    Object.entries(meanings).map(([status, description]) => [
      status,
      { description, content: { 'application/problem+json': { schema: problem } } },
    ]),
  )
}

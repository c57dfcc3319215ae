import { z } from 'zod'
import { jobOverdue, refusal, unreachable, unreadable } from './errors.ts'
import type { Params } from './params.ts'
import { flatten } from './params.ts'
import { signatureOf } from './signature.ts'

export interface CloudstackAccess {
  /** https://cloud.example/client/api */
  url: string
  apiKey: string
  secretKey: string
}

export interface ClientOptions extends CloudstackAccess {
  fetch?: typeof globalThis.fetch
  /** Real milliseconds since the epoch: a signature carries its own end. */
  now: () => number
  sleep: (ms: number) => Promise<void>
  /** Milliseconds for one request; addHost asks others before it answers. */
  requestMs?: number
  /** Milliseconds before each further try of a list. */
  pauses?: readonly number[]
  /** Milliseconds between two looks at a job. */
  jobPollMs?: number
  /** Milliseconds that a job may take. */
  jobMs?: number
}

/** CloudStack's API, as an administrator of it. Every failure is a FerruleError without any secret. */
export interface CloudstackClient {
  readonly url: string
  /** One command, once. */
  ask<T>(command: string, params: Params, answer: z.ZodType<T>): Promise<T>
  /** All pages of a list. A lost answer is asked for again. */
  list<T>(command: string, key: string, params: Params, item: z.ZodType<T>): Promise<T[]>
  /** An asynchronous command, to the end of its job; what the job came to. */
  run<T>(command: string, params: Params, result: z.ZodType<T>): Promise<T>
}

const PAGE = 500
/** How long a signature counts: long enough for clocks that differ, too short to be of use to others. */
const SIGNATURE_MS = 600_000
const errorBody = z.object({ errorcode: z.coerce.number(), errortext: z.string().optional() })
const started = z.object({ jobid: z.string() })
const job = z.object({
  jobstatus: z.coerce.number(),
  jobresultcode: z.coerce.number().optional(),
  jobresult: z.unknown().optional(),
})
type Job = z.output<typeof job>

export function createCloudstackClient(options: ClientOptions): CloudstackClient {
  const { url, apiKey, secretKey, now, sleep } = options
  const send = options.fetch ?? globalThis.fetch
  const { requestMs = 120_000, pauses = [250, 1000, 3000], jobPollMs = 2000, jobMs = 600_000 } = options

  async function exchange(command: string, params: Params, harmless: boolean): Promise<unknown> {
    const values = {
      ...flatten(params),
      command,
      response: 'json',
      apiKey,
      signatureVersion: '3',
      expires: new Date(now() + SIGNATURE_MS).toISOString().replace(/\.\d+Z$/, '+0000'),
    }
    // in the body, so that neither key nor values stand in the log of a proxy
    const body = new URLSearchParams({ ...values, signature: signatureOf(values, secretKey) })
    let status: number
    let text: string
    try {
      const signal = AbortSignal.timeout(requestMs)
      const response = await send(url, { method: 'POST', body, redirect: 'manual', signal })
      status = response.status
      text = await response.text()
    } catch (error) {
      throw unreachable(command, url, error, harmless)
    }
    return rootOf(command, status, text)
  }

  function rootOf(command: string, status: number, text: string): unknown {
    const body = parsed(text)
    if (body === undefined && status >= 502 && status <= 504)
      throw unreachable(command, url, `HTTP status ${status}`, false)
    if (body === undefined) throw unreadable(command, `HTTP status ${status}: ${text}`)
    const [root] = Object.values(body)
    const error = errorBody.safeParse(root)
    if (error.success) throw refusal(command, error.data.errorcode, error.data.errortext ?? '')
    if (status !== 200) throw refusal(command, status, '')
    return root
  }

  async function patiently<T>(work: () => Promise<T>): Promise<T> {
    for (let tries = 0; ; tries += 1) {
      try {
        return await work()
      } catch (error) {
        const pause = pauses[tries]
        if (pause === undefined || !isUnreachable(error)) throw error
        await sleep(pause)
      }
    }
  }

  async function ended(command: string, jobid: string): Promise<Job> {
    const by = now() + jobMs
    for (;;) {
      const found = await patiently(() => exchange('queryAsyncJobResult', { jobid }, true))
      const seen = checked('queryAsyncJobResult', job, found)
      if (seen.jobstatus !== 0) return seen
      if (now() >= by) throw jobOverdue(command, jobid, jobMs)
      await sleep(jobPollMs)
    }
  }

  return {
    url,
    async ask(command, params, answer) {
      return checked(command, answer, await exchange(command, params, false))
    },

    async list(command, key, params, item) {
      const page = z.object({ count: z.coerce.number().optional(), [key]: z.array(item).optional() })
      const all: z.output<typeof item>[] = []
      for (let number = 1; ; number += 1) {
        const asked = { ...params, page: number, pagesize: PAGE }
        const found = checked(command, page, await patiently(() => exchange(command, asked, true)))
        // the schema above has it under this key, which the type of a computed name does not tell
        const some = (found[key] ?? []) as z.output<typeof item>[]
        all.push(...some)
        if (some.length < PAGE) return all
      }
    },

    async run(command, params, result) {
      const { jobid } = checked(command, started, await exchange(command, params, false))
      const { jobstatus, jobresultcode, jobresult } = await ended(command, jobid)
      if (jobstatus === 1) return checked(command, result, jobresult)
      const error = errorBody.safeParse(jobresult)
      throw refusal(command, jobresultcode ?? 530, error.success ? (error.data.errortext ?? '') : '')
    },
  }
}

function checked<T>(command: string, schema: z.ZodType<T>, value: unknown): T {
  const found = schema.safeParse(value)
  if (found.success) return found.data
  const [issue] = found.error.issues
  throw unreadable(command, `${issue?.path.join('.') || 'the answer'}: ${issue?.message ?? 'unknown'}`)
}

function parsed(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? value : undefined
  } catch {
    return undefined
  }
}

function isUnreachable(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'cloudstack-unreachable'
}

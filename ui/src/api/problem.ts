import type { components } from '../../../src/api/client.generated.ts'

type Body = components['schemas']['Problem']

/** What the API says when it refuses, in its own words. */
export class ProblemError extends Error {
  readonly status: number
  readonly code: string
  readonly remedy: string
  readonly faults: readonly { path: string; problem: string; line?: number }[]
  /** Of plan-changed: what differs from the expected plan; `was` of the host only. */
  readonly changed: readonly { what: string; was: string | null; now: readonly string[] }[]

  constructor(status: number, body: Partial<Body> | undefined) {
    super(body?.detail ?? `Ferrule answered with status ${status} and no words`)
    this.status = status
    this.code = body?.code ?? 'internal'
    this.remedy = body?.remedy ?? 'Look into the log of the daemon.'
    const faults = body?.details?.faults
    // the API's own list: every fault of the input with its path
    this.faults = Array.isArray(faults) ? faults : []
    const changed = body?.details?.changed
    this.changed = this.code === 'plan-changed' && Array.isArray(changed) ? changed : []
  }
}

export class UnreachableError extends Error {
  readonly remedy = 'It is tried again by itself. If this lasts, look whether the daemon runs.'

  constructor() {
    super('Ferrule does not answer')
  }
}

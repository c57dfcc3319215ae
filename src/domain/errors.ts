/**
 * The catalogue of coded errors. Every "no" of Ferrule is one of these: what failed, on which thing, what was seen
 * and what to do, with one HTTP status each. The message is for a person; `details` is for a machine.
 */
export const errorCatalogue = {
  // what the caller asked for cannot be
  'invalid-input': 400,
  unauthenticated: 401,
  forbidden: 403,
  'not-found': 404,
  'method-not-allowed': 405,
  'payload-too-large': 413,
  'unsupported-media-type': 415,
  conflict: 409,
  'idempotency-mismatch': 409,
  'in-use': 409,
  'wrong-state': 409,
  held: 409,
  'not-enabled': 503,
  'recovery-mode': 503,
  // nothing fits, or a check before any effect said no
  'no-host': 409,
  'plan-changed': 409,
  'check-failed': 409,
  'image-missing': 409,
  'vlan-fenced': 409,
  'vlan-missing': 409,
  'vlan-in-ledger': 409,
  'data-disk-refused': 400,
  'bond-impossible': 409,
  // the other side failed
  'maas-unreachable': 502,
  'maas-auth': 502,
  'maas-refused': 502,
  'maas-state': 502,
  'maas-not-ours': 409,
  'cloudstack-unreachable': 502,
  'cloudstack-auth': 502,
  'cloudstack-refused': 502,
  'bmc-unreachable': 502,
  'bmc-auth': 502,
  'bmc-refused': 502,
  'bmc-unsupported': 501,
  'bmc-untrusted': 502,
  'console-busy': 409,
  'power-unknown': 502,
  'power-stuck': 502,
  'boot-device-unset': 502,
  'switch-unreachable': 502,
  'switch-auth': 502,
  'switch-refused': 502,
  'switch-mismatch': 502,
  'port-fenced': 409,
  'erase-unproven': 502,
  deadline: 504,
  cancelled: 409,
  'lease-lost': 503,
  'database-unreachable': 503,
  parked: 409,
  'lab-unreachable': 502,
  internal: 500,
} as const

export type ErrorCode = keyof typeof errorCatalogue

export interface ErrorBody {
  code: ErrorCode
  /** What failed, on which thing, what was seen. One sentence, no secret. */
  message: string
  /** What to do about it. One sentence. */
  remedy: string
  /** For machines: the faulty field, the host, the port … Never a secret. */
  details?: Record<string, unknown>
}

/** The one error class that crosses layers. */
export class FerruleError extends Error {
  readonly code: ErrorCode
  readonly remedy: string
  readonly details: Record<string, unknown>

  constructor(code: ErrorCode, message: string, remedy: string, details: Record<string, unknown> = {}) {
    super(message)
    this.name = 'FerruleError'
    this.code = code
    this.remedy = remedy
    this.details = details
  }

  get status(): number {
    return errorCatalogue[this.code]
  }

  /** A plain object that survives JSON, e.g. as the recorded result of a step. */
  toBody(): ErrorBody {
    return { code: this.code, message: this.message, remedy: this.remedy, details: this.details }
  }

  static fromBody(body: ErrorBody): FerruleError {
    return new FerruleError(body.code, body.message, body.remedy, body.details ?? {})
  }
}

/** May the same call succeed a moment later without anybody changing anything? */
export function isTransient(code: ErrorCode): boolean {
  return transient.has(code)
}

const transient: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'maas-unreachable',
  'cloudstack-unreachable',
  'bmc-unreachable',
  'power-unknown',
  'switch-unreachable',
  'lease-lost',
  'database-unreachable',
])

/** What goes back over HTTP. `piston` answers carry MAAS's API hash; refusals from its exception middleware do not. */
export interface Answer {
  status: number
  contentType: string
  body: string
  piston: boolean
  headers: Record<string, string>
}

/** maasserver's API hash of 3.7.3; clients use it to know whether their cached description is current. */
export const API_HASH = '36763f1444f05f8c565d0292aabefcaa9ece4369'

const JSON_TYPE = 'application/json; charset=utf-8'
const TEXT_TYPE = 'text/plain; charset=utf-8'

export function json(body: unknown, contentType = JSON_TYPE): Answer {
  return { status: 200, contentType, body: JSON.stringify(body), piston: true, headers: {} }
}

export function plain(body: string, status = 200): Answer {
  return { status, contentType: 'text/plain', body, piston: true, headers: {} }
}

/** Thrown by handlers; becomes the answer. */
export class Refusal extends Error {
  readonly answer: Answer

  constructor(status: number, contentType: string, body: string, headers: Record<string, string> = {}) {
    super(body)
    this.answer = { status, contentType, body, piston: false, headers }
  }
}

/** 400 with a list of messages per field. */
export function invalid(fields: Record<string, string[]>): Refusal {
  return new Refusal(400, JSON_TYPE, JSON.stringify(fields))
}

export function badRequest(text: string): Refusal {
  return new Refusal(400, TEXT_TYPE, text)
}

/** 403 with an empty body: not permitted, or locked. */
export function forbidden(): Refusal {
  return new Refusal(403, TEXT_TYPE, '')
}

/** 404; comes out of Piston, hence with the hash. */
export function notFound(model: string): Refusal {
  const refusal = new Refusal(404, 'text/plain', `No ${model} matches the given query.`)
  refusal.answer.piston = true
  return refusal
}

/** 409 in text: the state forbids it, and a repetition will not help. */
export function conflict(text: string): Refusal {
  return new Refusal(409, TEXT_TYPE, text)
}

export function unavailable(text: string): Refusal {
  return new Refusal(503, TEXT_TYPE, text, { 'Retry-After': '10' })
}

export function gatewayTimeout(text: string): Refusal {
  return new Refusal(504, TEXT_TYPE, text)
}

export function failure(text: string): Refusal {
  return new Refusal(500, TEXT_TYPE, text)
}

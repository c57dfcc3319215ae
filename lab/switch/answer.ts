import { escapeXml, tag } from './xml.ts'

export const XML_TYPE = 'application/vnd.yang.data+xml'

export interface Answer {
  status: number
  body: string
  headers?: Record<string, string>
}

/** Ends a request with this HTTP status; the message goes into the body. */
export class HttpRefusal extends Error {
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.name = 'HttpRefusal'
    this.status = status
  }
}

export function errorAnswer(status: number, message: string): Answer {
  const error =
    tag('error-type', 'application') +
    tag('error-tag', TAGS[status] ?? 'operation-failed') +
    tag('error-message', escapeXml(message))
  return { status, body: tag('errors', tag('error', error)) }
}

/** RFC 6241 appendix A names for what the switch has to say. */
const TAGS: Record<number, string> = {
  400: 'invalid-value',
  401: 'access-denied',
  403: 'access-denied',
  404: 'invalid-value',
  405: 'operation-not-supported',
  409: 'data-exists',
  415: 'malformed-message',
}

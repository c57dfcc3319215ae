import { escapeXml, tag } from '../xml.ts'

/** RFC 6241 appendix A. */
export type ErrorTag =
  | 'in-use'
  | 'invalid-value'
  | 'missing-attribute'
  | 'bad-attribute'
  | 'unknown-attribute'
  | 'missing-element'
  | 'bad-element'
  | 'unknown-element'
  | 'unknown-namespace'
  | 'lock-denied'
  | 'data-exists'
  | 'data-missing'
  | 'operation-not-supported'
  | 'operation-failed'
  | 'malformed-message'

interface More {
  type?: 'transport' | 'rpc' | 'protocol' | 'application'
  path?: string
  /** By its name, such as `bad-element`. */
  info?: Readonly<Record<string, string>>
}

/** The request is not obeyed, and this is said of it. */
export class RpcError extends Error {
  readonly tag: ErrorTag
  readonly #more: More

  constructor(tag: ErrorTag, message: string, more: More = {}) {
    super(message)
    this.tag = tag
    this.#more = more
  }

  get xml(): string {
    const { type = 'application', path, info = {} } = this.#more
    const details = Object.entries(info).map(([name, value]) => tag(name, escapeXml(value)))
    return tag(
      'rpc-error',
      [
        tag('error-type', type),
        tag('error-tag', this.tag),
        tag('error-severity', 'error'),
        ...(path === undefined ? [] : [tag('error-path', escapeXml(path))]),
        `<error-message xml:lang="en">${escapeXml(this.message)}</error-message>`,
        ...(details.length === 0 ? [] : [tag('error-info', details.join(''))]),
      ].join(''),
    )
  }
}

/** The connection is cut. */
export class Cut extends Error {}

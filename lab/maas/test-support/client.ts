import { randomUUID } from 'node:crypto'

export interface Reply {
  status: number
  headers: Headers
  contentType: string
  text: string
  /** The parsed JSON, or the text where it is none. */
  body: unknown
}

export type Fields = Record<string, string | number | boolean | (string | number)[]>

/** A caller of MAAS's API that hides nothing: OAuth header, form fields, the reply as it came. */
export class ApiCaller {
  readonly #url: string
  readonly #key: string

  constructor(url: string, key: string) {
    this.#url = url
    this.#key = key
  }

  get(path: string, query: Fields = {}): Promise<Reply> {
    return this.send('GET', path, query)
  }

  post(path: string, op: string | null, form: Fields = {}): Promise<Reply> {
    return this.send('POST', path, op === null ? {} : { op }, form)
  }

  async send(method: string, path: string, query: Fields = {}, form?: Fields): Promise<Reply> {
    const search = params(query).toString()
    const response = await fetch(`${this.#url}/api/2.0/${path}${search === '' ? '' : `?${search}`}`, {
      method,
      headers: { authorization: oauth(this.#key) },
      ...(form === undefined ? {} : { body: params(form) }),
    })
    const text = await response.text()
    const contentType = response.headers.get('content-type') ?? ''
    const body: unknown = contentType.includes('json') ? JSON.parse(text) : text
    return { status: response.status, headers: response.headers, contentType, text, body }
  }
}

export function oauth(key: string, nonce: string = randomUUID()): string {
  const [consumer, token, secret] = key.split(':')
  return (
    `OAuth oauth_version="1.0", oauth_signature_method="PLAINTEXT", oauth_consumer_key="${consumer}", ` +
    `oauth_token="${token}", oauth_signature="%26${secret}", oauth_nonce="${nonce}", ` +
    `oauth_timestamp="${Math.floor(Date.now() / 1000)}"`
  )
}

function params(fields: Fields): URLSearchParams {
  const list = new URLSearchParams()
  for (const [key, value] of Object.entries(fields)) {
    for (const one of Array.isArray(value) ? value : [value]) list.append(key, String(one))
  }
  return list
}

export type Pairs = readonly (readonly [name: string, value: string])[]

export interface Ask {
  /** For errors: what is asked of which machine, e.g. "deploy abc123". */
  what: string
  method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** Below /api/2.0/, with MAAS's trailing slash. */
  path: string
  op?: string
  query?: Pairs
  /** Sent form-urlencoded; a list is a repeated key. */
  form?: Pairs
  /** One file beside the form, which makes the request multipart. */
  file?: { field: string; name: string; content: string }
}

export interface Answer {
  status: number
  contentType: string
  retryAfter: string | null
  body: string
}

/** Form fields or query: each key may be repeated. */
export class Form {
  readonly #fields: Map<string, string[]>

  constructor(fields: Iterable<[string, string]> = []) {
    this.#fields = new Map()
    for (const [key, value] of fields) this.#fields.set(key, [...(this.#fields.get(key) ?? []), value])
  }

  get(key: string): string | undefined {
    return this.#fields.get(key)?.at(-1)
  }

  all(key: string): string[] {
    return this.#fields.get(key) ?? []
  }

  has(key: string): boolean {
    return this.#fields.has(key)
  }

  keys(): string[] {
    return [...this.#fields.keys()]
  }

  entries(): [string, string][] {
    return this.keys().map((key) => [key, this.get(key) ?? ''])
  }

  /** formencode's StringBool. */
  bool(key: string): boolean {
    return ['true', 't', 'yes', 'y', 'on', '1'].includes((this.get(key) ?? '').toLowerCase())
  }

  int(key: string): number | undefined {
    const text = this.get(key)
    return text === undefined || text === '' ? undefined : Number(text)
  }
}

export async function parseBody(contentType: string, body: Buffer): Promise<Form> {
  if (contentType.startsWith('multipart/form-data')) {
    const parsed = await new Response(new Uint8Array(body), {
      headers: { 'content-type': contentType },
    }).formData()
    const fields: [string, string][] = []
    for (const [key, value] of parsed)
      fields.push([key, typeof value === 'string' ? value : await value.text()])
    return new Form(fields)
  }
  return new Form(new URLSearchParams(body.toString('utf8')))
}

import { XMLParser } from 'fast-xml-parser'
import { z } from 'zod'

const xml = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  parseTagValue: false,
  parseAttributeValue: false,
  removeNSPrefix: true,
  // The five of XML itself. Others need a document type, and a message with one is refused.
  htmlEntities: false,
  processEntities: { enabled: true, maxExpandedLength: 16 * 1024 * 1024 },
  isArray: (name) => lists.has(name),
})

const lists = new Set([
  ...['capability', 'rpc-error', 'interface', 'vlan', 'network-instance', 'trunk-vlans', 'entry', 'neighbor'],
])

/** An element without children comes as text. */
const empty = z.string().transform(() => ({}))

const hello = z.object({
  hello: z.looseObject({
    capabilities: z.object({ capability: z.array(z.string()) }),
    'session-id': z.string().optional(),
  }),
})

const rpcError = z.looseObject({
  'error-type': z.string().optional(),
  'error-tag': z.string().default('operation-failed'),
  'error-severity': z.string().default('error'),
  'error-path': z.unknown().optional(),
  'error-message': z.unknown().optional(),
  'error-info': z.unknown().optional(),
})

const reply = z.object({
  'rpc-reply': z.union([
    empty,
    z.looseObject({
      '@message-id': z.string().optional(),
      data: z.unknown().optional(),
      'rpc-error': z.array(rpcError).optional(),
    }),
  ]),
})

export interface RpcError {
  tag: string
  /** The device's own words, with where it saw it. */
  said: string
  /** Of a lock that is denied: the session that has it; "0" is not NETCONF. */
  session: string | null
}

export interface Reply {
  id: string | null
  /** Errors; warnings are none. */
  errors: readonly RpcError[]
  data: unknown
}

/** @throws Error with what is wrong */
export function parseHello(message: string): readonly string[] {
  const parsed = hello.safeParse(parse(message))
  if (!parsed.success) throw new Error('it does not greet as NETCONF has it')
  return parsed.data.hello.capabilities.capability.map((capability) => capability.trim())
}

/** @throws Error with what is wrong */
export function parseReply(message: string): Reply {
  const parsed = reply.safeParse(parse(message))
  if (!parsed.success) throw new Error('it sends something that is no rpc-reply')
  const body: z.infer<typeof reply>['rpc-reply'] = parsed.data['rpc-reply']
  if (!('rpc-error' in body || 'data' in body || '@message-id' in body))
    return { id: null, errors: [], data: undefined }
  const errors = (body['rpc-error'] ?? []).filter((error) => error['error-severity'].trim() !== 'warning')
  return { id: body['@message-id'] ?? null, errors: errors.map(toError), data: body.data }
}

function toError(error: z.infer<typeof rpcError>): RpcError {
  const [message, path] = [textOf(error['error-message']), textOf(error['error-path'])]
  const info = z.looseObject({ 'session-id': z.string() }).safeParse(error['error-info'])
  const tag = error['error-tag'].trim()
  return {
    tag,
    said: [tag, message && `: ${message}`, path && ` (${path})`].join('').slice(0, 500),
    session: info.success ? info.data['session-id'] : null,
  }
}

/** An element may have attributes (xml:lang), and then it is no plain text. */
function textOf(value: unknown): string {
  if (typeof value === 'string') return value.trim()
  const inner = z.looseObject({ '#text': z.string() }).safeParse(value)
  return inner.success ? inner.data['#text'].trim() : ''
}

function parse(message: string): unknown {
  // A document type is where entities are declared that grow without end, or read files.
  if (/<!(?:DOCTYPE|ENTITY)/i.test(message)) throw new Error('it sends a document type')
  try {
    return xml.parse(message, true)
  } catch {
    throw new Error('it sends broken XML')
  }
}

import { message, RedfishError } from './messages.ts'
import { etagOf, type Json, type Route } from './resource.ts'

/** What requests and answers have in common, whatever the resource. */

export interface RedfishRequest {
  method: string
  /** Path and query, as in the request line. */
  url: string
  /** Names in lower case. */
  headers: Record<string, string | undefined>
  body: string
}

export interface RedfishResponse {
  status: number
  headers: Record<string, string>
  body: string
}

const JSON_TYPE = 'application/json;charset=utf-8'

export function withEtag(body: Json): Json {
  return { ...body, '@odata.etag': etagOf(body) }
}

export function tags(header: string): string[] {
  return header.split(',').map((tag) => tag.trim())
}

/** The schema that the body keeps to. */
export function describedBy(body: Json): Record<string, string> {
  const type = body['@odata.type']
  if (typeof type !== 'string')
    return { Link: '<http://redfish.dmtf.org/schemas/v1/odata-v4.json>; rel=describedby' }
  const schema = type.slice(1, type.lastIndexOf('.'))
  return { Link: `<http://redfish.dmtf.org/schemas/v1/${schema}.json>; rel=describedby` }
}

export function allowed(route: Route, exists: boolean): string {
  return [
    ...(exists ? ['GET', 'HEAD'] : []),
    ...(route.post ? ['POST'] : []),
    ...(route.patch ? ['PATCH'] : []),
    ...(route.delete ? ['DELETE'] : []),
  ].join(', ')
}

export function checkProtocol(request: RedfishRequest, query: URLSearchParams): void {
  const version = request.headers['odata-version']
  if (version !== undefined && version !== '4.0')
    throw new RedfishError(412, [message('HeaderInvalid', `OData-Version: ${version}`)])
  const unsupported = [...query.keys()].filter((name) => name.startsWith('$'))
  if (unsupported.length > 0)
    throw new RedfishError(
      501,
      unsupported.map(() => message('QueryNotSupported')),
    )
}

export function parseBody({ body }: RedfishRequest): Json {
  if (body.trim() === '') return {}
  let parsed: unknown
  try {
    parsed = JSON.parse(body)
  } catch {
    throw new RedfishError(400, [message('MalformedJSON')])
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed))
    throw new RedfishError(400, [message('UnrecognizedRequestBody')])
  return { ...parsed }
}

export function respond(
  request: RedfishRequest,
  status: number,
  body: Json | string | null,
  headers: Record<string, string>,
): RedfishResponse {
  const text = body === null ? '' : typeof body === 'string' ? body : JSON.stringify(body)
  const { origin } = request.headers
  return {
    status,
    headers: {
      'OData-Version': '4.0',
      'Cache-Control': 'no-cache',
      ...(origin === undefined ? {} : { 'Access-Control-Allow-Origin': origin }),
      ...(text === '' ? {} : { 'Content-Type': JSON_TYPE }),
      ...headers,
    },
    body: request.method === 'HEAD' ? '' : text,
  }
}

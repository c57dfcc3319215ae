import { createHash } from 'node:crypto'
import type { ManagementController } from '../bmc/controller.ts'
import type { Account, Accounts, Privilege } from './accounts.ts'
import type { RedfishDials } from './dials.ts'
import type { Message } from './messages.ts'
import type { Session, Sessions } from './sessions.ts'
import type { Tasks } from './tasks.ts'

export type Json = Record<string, unknown>

/** Everything that resources are made of. */
export interface Service {
  readonly controller: ManagementController
  readonly dials: RedfishDials
  readonly accounts: Accounts
  readonly sessions: Sessions
  readonly tasks: Tasks
  /** What people have written on the machine. */
  readonly labels: { asset: string }
  /** UDP port of IPMI on the same address; null: there is none. */
  readonly ipmiPort: number | null
  /** TCP port of SSH on the same address, with the serial console; null: there is none. */
  readonly sshPort: number | null
  /** TCP port of this service. */
  port(): number
}

/** A request as handlers see it. */
export interface Exchange {
  readonly service: Service
  /** What stands at `:name` in the pattern. */
  param(name: string): string
  readonly body: Json
  /** Null only where no login is needed. */
  readonly account: Account | null
  readonly session: Session | null
}

/** What became of a request that changes something. */
export interface Outcome {
  status: number
  headers?: Record<string, string>
  body?: Json
}

/** Sets one property; what it complains about is left as it was. */
export type Setter = (value: unknown, name: string) => readonly Message[]

/** One kind of resource, at `pattern` below /redfish/v1; segments with a colon are parameters. */
export interface Route {
  pattern: string
  /** Can be read without login. */
  open?: boolean
  /** Null: there is none here. */
  get(x: Exchange): Json | null
  /** Properties that can be written, and who may. */
  patch?: { privilege(x: Exchange): Privilege; setters(x: Exchange): Record<string, Setter> }
  post?: { privilege: Privilege | null; run(x: Exchange): Outcome }
  delete?: { privilege(x: Exchange): Privilege; run(x: Exchange): Outcome }
}

export const ROOT = '/redfish/v1'

export function link(path: string): { '@odata.id': string } {
  return { '@odata.id': `${ROOT}${path}` }
}

/** `type`: schema with its version, "Chassis.v1_25_0". */
export function resource(path: string, type: string, id: string, name: string, rest: Json): Json {
  const [schema = ''] = type.split('.')
  return {
    '@odata.type': `#${type}.${schema}`,
    '@odata.id': path === '' ? `${ROOT}/` : `${ROOT}${path}`,
    Id: id,
    Name: name,
    ...rest,
  }
}

export function collection(path: string, schema: string, name: string, members: readonly string[]): Json {
  return {
    '@odata.type': `#${schema}Collection.${schema}Collection`,
    '@odata.id': `${ROOT}${path}`,
    Name: name,
    'Members@odata.count': members.length,
    Members: members.map((member) => link(`${path}/${member}`)),
  }
}

/** Times change by themselves and are no change of the resource. */
const UNSTABLE = new Set(['DateTime', '@odata.etag'])

/** A strong ETag over all that a client could have changed or would want to know. */
export function etagOf(body: Json): string {
  const text = JSON.stringify(body, (key, value) => (UNSTABLE.has(key) ? undefined : value))
  return `"${createHash('sha1').update(text).digest('hex').slice(0, 16)}"`
}

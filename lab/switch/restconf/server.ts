import { z } from 'zod'
import type { AnnouncedMac } from '../../announced-macs.ts'
import {
  type How,
  type HttpAsk,
  type HttpFront,
  type HttpOptions,
  type HttpReply,
  type HttpServer,
  startHttpFront,
} from '../https/server.ts'
import { lldpInterfaces } from '../openconfig-lldp.ts'
import { SwitchportModel, type SwitchportSetup } from '../switchport/model.ts'
import { type Learned, macEntries } from './mac-table.ts'
import { Problem, Translib } from './translib.ts'

export interface SonicOptions extends HttpOptions, SwitchportSetup {
  reservedVlans?: readonly number[]
  /** Its forwarding table; empty, if absent. */
  learned?: Learned
  announced?: () => readonly AnnouncedMac[]
}

/** A SONiC switch on the network: mgmt-framework's RESTCONF before, its ports behind. */
export interface SonicServer {
  readonly http: HttpServer
  readonly model: SwitchportModel
  readonly translib: Translib
  reboot(): void
  stop(): Promise<void>
}

const DATA = '/restconf/data/'
const MEDIA_TYPE = 'application/yang-data+json'

export async function startSonic(options: SonicOptions): Promise<SonicServer> {
  const model = new SwitchportModel(options)
  const translib = new Translib(model, options.reservedVlans ?? [])
  const front: HttpFront = {
    answer(ask, how) {
      try {
        return answer(ask, how)
      } catch (error) {
        if (error instanceof Problem) return problem(error.status, error.tag, error.message)
        throw error
      }
    },
  }
  const http = await startHttpFront(front, options)
  return {
    http,
    model,
    translib,
    reboot: () => model.reboot(),
    stop: () => http.stop(),
  }

  function answer(ask: HttpAsk, how: How): HttpReply {
    if (ask.method === 'GET') return read(ask.path)
    if (ask.user.readOnly) throw new Problem(403, 'access-denied', 'The user may only look')
    if (ask.method !== 'DELETE' && ask.contentType !== MEDIA_TYPE) {
      throw new Problem(415, 'invalid-value', `Unsupported content type ${ask.contentType}`)
    }
    // a request of translib is one transaction: there is no half of it
    if (how === 'half' || how === 'pretend') return { status: 204, body: '' }
    if (ask.path === '/restconf/operations/sonic-config-mgmt:copy' && ask.method === 'POST')
      return copy(ask.body)
    write(ask)
    return { status: 204, body: '' }
  }

  function read(path: string): HttpReply {
    if (
      path === `${DATA}openconfig-network-instance:network-instances/network-instance=default/fdb/mac-table`
    ) {
      const entries = macEntries(model.running, options.learned ?? (() => []))
      return { status: 200, body: { 'openconfig-network-instance:mac-table': { entries } } }
    }
    if (path === `${DATA}openconfig-lldp:lldp/interfaces`) {
      const heard = lldpInterfaces(model.running.ports.keys(), options.announced?.() ?? [])
      return { status: 200, body: { 'openconfig-lldp:interfaces': { interface: heard } } }
    }
    if (path !== `${DATA}openconfig-interfaces:interfaces`)
      throw new Problem(404, 'invalid-value', 'Resource not found')
    return { status: 200, body: { 'openconfig-interfaces:interfaces': { interface: translib.interfaces() } } }
  }

  function write(ask: HttpAsk): void {
    const path = ask.path.startsWith(DATA)
      ? ask.path.slice(DATA.length).split('/').map(decodeURIComponent)
      : []
    const name = /^interface=(.+)$/.exec(path[1] ?? '')?.[1]
    const at = path.slice(2).join('/')
    const vlans = 'openconfig-if-ethernet:ethernet/openconfig-vlan:switched-vlan/config'
    if (path[0] !== 'openconfig-interfaces:interfaces')
      throw new Problem(404, 'invalid-value', 'Resource not found')
    if (path.length === 1 && ask.method === 'PATCH') translib.createVlans(vlanNames(ask.body))
    else if (name === undefined) throw new Problem(405, 'operation-not-supported', ask.method)
    else if (at === 'config' && ask.method === 'PATCH') translib.enable(name, parsed(enabled, ask.body))
    else if (at === vlans && ask.method === 'PATCH') translib.patch(name, parsed(leaves, ask.body))
    else if (at.startsWith(`${vlans}/`) && ask.method === 'DELETE')
      translib.remove(name, at.slice(vlans.length + 1))
    else throw new Problem(405, 'operation-not-supported', `${ask.method} ${at}`)
  }

  function copy(body: string): HttpReply {
    const { source, destination } = parsed(copyInput, body)
    if (source !== 'running-configuration' || destination !== 'startup-configuration') {
      throw new Problem(400, 'invalid-value', 'Unknown file')
    }
    const lies = http.dials.saveLies
    if (!lies) model.save()
    const status = lies
      ? { status: 1, 'status-detail': 'No space left on device' }
      : { status: 0, 'status-detail': 'SUCCESS.' }
    return { status: 200, body: { 'sonic-config-mgmt:output': status } }
  }
}

const enabled = z
  .strictObject({ 'openconfig-interfaces:config': z.strictObject({ enabled: z.boolean() }) })
  .transform((body) => body['openconfig-interfaces:config'].enabled)
const leaves = z
  .strictObject({ 'openconfig-vlan:config': z.record(z.string(), z.unknown()) })
  .transform((body) => body['openconfig-vlan:config'])
const copyInput = z
  .strictObject({
    'sonic-config-mgmt:input': z.strictObject({ source: z.string(), destination: z.string() }),
  })
  .transform((body) => body['sonic-config-mgmt:input'])
const vlanInterfaces = z
  .strictObject({
    'openconfig-interfaces:interfaces': z.strictObject({
      interface: z.array(z.strictObject({ name: z.string(), config: z.strictObject({ name: z.string() }) })),
    }),
  })
  .transform((body) => body['openconfig-interfaces:interfaces'].interface.map(({ name }) => name))

function vlanNames(body: string): string[] {
  return parsed(vlanInterfaces, body)
}

function parsed<T>(form: z.ZodType<T>, body: string): T {
  try {
    return form.parse(JSON.parse(body))
  } catch {
    throw new Problem(400, 'malformed-message', 'Invalid content')
  }
}

function problem(status: number, tag: string, message: string): HttpReply {
  const error = { 'error-type': 'application', 'error-tag': tag, 'error-message': message }
  return { status, body: { 'ietf-restconf:errors': { error: [error] } } }
}

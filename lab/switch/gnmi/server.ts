import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import {
  loadPackageDefinition,
  type Metadata,
  Server,
  type ServerUnaryCall,
  type ServiceDefinition,
  type sendUnaryData,
  status,
} from '@grpc/grpc-js'
import { loadSync } from '@grpc/proto-loader'
import type { AnnouncedMac } from '../../announced-macs.ts'
import { type Identity, selfSigned } from '../../redfish/certificate.ts'
import { lldpInterfaces } from '../openconfig-lldp.ts'
import { type Learned, macEntries } from '../restconf/mac-table.ts'
import { SwitchportModel, type SwitchportSetup } from '../switchport/model.ts'
import { calm, countedFault, type GnmiDials, type GnmiFault } from './dials.ts'
import { openDoor } from './door.ts'
import { type Stream, subscribe, type WireSubscribe } from './subscribe.ts'
import { type Edit, edited, Invalid, interfacesOf, type Path, vlanListOf } from './tree.ts'

export interface GnmiOptions extends SwitchportSetup {
  address: string
  /** Any free one, if absent. */
  port?: number
  user: { username: string; password: string }
  reservedVlans?: readonly number[]
  models?: readonly string[]
  /** Its forwarding table; empty, if absent. */
  learned?: Learned
  announced?: () => readonly AnnouncedMac[]
  /** It cannot tell changes of its configuration. */
  silent?: boolean
}

/** A switch that serves OpenConfig over gNMI and keeps what is set. */
export interface GnmiServer {
  readonly port: number
  readonly fingerprint: string
  readonly certificate: string
  readonly identity: Identity
  readonly model: SwitchportModel
  readonly dials: GnmiDials
  /** Calls that were let in, in their order. */
  readonly calls: string[]
  /** Subscriptions that stand now. */
  subscriptions(): number
  /** Ends them all, as a switch does whose management agent starts anew. */
  hangUp(): void
  /** The nth Set from now on (from 0) meets this fault, once. */
  breakSet(nth: number, fault: GnmiFault): void
  mend(): void
  /** Without power nobody is connected, and nobody can connect. */
  setPower(on: boolean): void
  /** Ends every connection. */
  cut(): void
  stop(): Promise<void>
}

const MAC_ENTRIES = 'network-instances/network-instance/fdb/mac-table/entries'
const LLDP = 'lldp/interfaces'

const usual = [
  ...['openconfig-interfaces', 'openconfig-vlan', 'openconfig-network-instance', 'openconfig-lldp'],
]

/** What can be read of the state and not of the configuration. */
const states: ReadonlySet<string> = new Set([MAC_ENTRIES, LLDP])

/** Of openconfig/gnmi, beside package.json. */
const protos = fileURLToPath(
  new URL(
    import.meta.url.includes('/dist/') ? '../../../../assets/gnmi/' : '../../../assets/gnmi/',
    import.meta.url,
  ),
)

interface WireEdit {
  path: Path | null
  val: { json_ietf_val?: Buffer } | null
}
interface WireSet {
  delete: Path[]
  replace: WireEdit[]
  update: WireEdit[]
}
interface WireGet {
  path: Path[]
  type: string
  encoding: string
}

export async function startGnmi(
  options: GnmiOptions,
  identity = selfSigned(options.address, Date.now()),
): Promise<GnmiServer> {
  const model = new SwitchportModel(options)
  const dials = calm()
  const calls: string[] = []
  let broken: { sets: number; fault: GnmiFault } | null = null
  const streams = new Map<Stream, () => void>()
  const server = new Server()
  const isKnown = (metadata: Metadata) => {
    const { username, password } = metadata.getMap()
    if (dials.rejectPassword) return false
    return username === options.user.username && password === options.user.password
  }
  const guarded =
    <Request>(name: string, answer: (request: Request) => unknown) =>
    async (call: ServerUnaryCall<Request, unknown>, done: sendUnaryData<unknown>) => {
      if (dials.delayMs > 0) await sleep(dials.delayMs, undefined, { ref: false })
      if (!isKnown(call.metadata)) {
        return done({ code: status.UNAUTHENTICATED, details: 'Invalid username or password' })
      }
      calls.push(name)
      try {
        done(null, answer(call.request))
      } catch (error) {
        if (error instanceof Lost) return done({ code: status.UNAVAILABLE, details: 'Connection dropped' })
        if (!(error instanceof Invalid)) return done({ code: status.INTERNAL, details: String(error) })
        done({ code: status[error.code], details: error.message })
      }
    }
  server.addService(service(), {
    Capabilities: guarded('Capabilities', () => ({
      supported_models: (options.models ?? usual).map((name) => ({
        name,
        organization: 'OpenConfig',
        version: '1',
      })),
      supported_encodings: ['JSON', 'JSON_IETF'],
      gNMI_version: '0.10.0',
    })),
    Get: guarded('Get', (request: WireGet) => get(request)),
    Set: guarded('Set', (request: WireSet) => set(request)),
    Subscribe: streamed,
  })
  const { address, port = 0 } = options
  const door = await openDoor(server, { address, port, identity, dials })

  function streamed(stream: Stream): void {
    const end = (code: keyof typeof status, details: string) =>
      stream.emit('error', { code: status[code], details })
    const over = () => {
      streams.get(stream)?.()
      streams.delete(stream)
    }
    if (!isKnown(stream.metadata)) return void end('UNAUTHENTICATED', 'Invalid username or password')
    calls.push('Subscribe')
    stream.on('cancelled', over)
    stream.on('error', over)
    // who has nothing more to ask for wants nothing more
    stream.on('end', () => stream.end())
    stream.on('data', (request: WireSubscribe) => {
      try {
        if (streams.has(stream))
          throw new Invalid('INVALID_ARGUMENT', 'There is one subscription to a Subscribe')
        if (options.silent) throw new Invalid('UNIMPLEMENTED', 'Subscribe')
        streams.set(stream, subscribe(model, stream, request))
      } catch (error) {
        if (error instanceof Invalid) end(error.code, error.message)
        else end('INTERNAL', String(error))
      }
    })
  }

  function nextFault(): GnmiFault | null {
    if (broken === null) return countedFault(dials)
    const { sets, fault } = broken
    broken = sets > 0 ? { sets: sets - 1, fault } : null
    return sets > 0 ? null : fault
  }

  function get({ path: [path], type, encoding }: WireGet): unknown {
    const names = path?.elem.map(({ name }) => name).join('/')
    if (encoding !== 'JSON_IETF' || type !== (states.has(names ?? '') ? 'STATE' : 'CONFIG'))
      throw new Invalid('INVALID_ARGUMENT', `${type} in ${encoding}`)
    const trees: Record<string, () => unknown> = {
      interfaces: () => interfacesOf(model.running),
      'network-instances/network-instance/vlans': () => vlanListOf(model.running),
      [LLDP]: () => ({
        'openconfig-lldp:interface': lldpInterfaces(model.running.ports.keys(), options.announced?.() ?? []),
      }),
      [MAC_ENTRIES]: () => ({
        'openconfig-network-instance:entry': macEntries(model.running, options.learned ?? (() => [])).entry,
      }),
    }
    const tree = trees[names ?? '']
    if (!tree) throw new Invalid('NOT_FOUND', `/${names}`)
    const val = { json_ietf_val: Buffer.from(JSON.stringify(tree())) }
    return { notification: [{ timestamp: '1', update: [{ path, val }] }] }
  }

  function set(request: WireSet): unknown {
    const fault = nextFault()
    if (fault === 'error') throw new Error('internal error')
    if (fault === 'drop') throw new Lost()
    if (request.delete.length > 0) throw new Invalid('INVALID_ARGUMENT', 'Nothing here can be deleted')
    const edits = [...request.replace.map(editOf(true)), ...request.update.map(editOf(false))]
    const next = edited(model.running, edits, options.reservedVlans ?? [])
    if (fault !== 'nothing') {
      model.put(next)
      if (!dials.saveLies) model.save()
    }
    if (fault === 'lose') throw new Lost()
    return {
      response: edits.map(({ path, replace }) => ({ path, op: replace ? 'REPLACE' : 'UPDATE' })),
      timestamp: '1',
    }
  }

  return {
    port: door.port,
    fingerprint: identity.fingerprint,
    certificate: identity.certificate,
    ...{ identity, model, dials, calls },
    breakSet(nth, fault) {
      broken = { sets: nth, fault }
    },
    mend() {
      broken = null
    },
    subscriptions: () => streams.size,
    hangUp() {
      for (const stream of streams.keys())
        stream.emit('error', { code: status.UNAVAILABLE, details: 'Restart' })
    },
    setPower: door.setPower,
    cut: door.cut,
    stop: door.stop,
  }
}

/** The connection is gone. */
class Lost extends Error {}

function editOf(replace: boolean): (edit: WireEdit) => Edit {
  return ({ path, val }) => {
    const json = val?.json_ietf_val
    if (!path || !json) throw new Invalid('INVALID_ARGUMENT', 'A value in JSON_IETF is missing')
    return { replace, path, value: JSON.parse(json.toString()) }
  }
}

function service(): ServiceDefinition {
  const definition = loadSync('github.com/openconfig/gnmi/proto/gnmi/gnmi.proto', {
    ...{ includeDirs: [protos], keepCase: true, enums: String, longs: String, defaults: true },
  })
  // the types of the library do not know what is in the file
  const loaded = loadPackageDefinition(definition) as unknown as {
    gnmi: { gNMI: { service: ServiceDefinition } }
  }
  return loaded.gnmi.gNMI.service
}

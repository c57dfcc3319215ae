import type { Connection, ServerChannel } from 'ssh2'
import type { AnnouncedMac } from '../../announced-macs.ts'
import type { Learned } from '../restconf/mac-table.ts'
import { calm, nextFault, type SshDials } from '../ssh/dials.ts'
import { startSshListener } from '../ssh/listener.ts'
import { SwitchportModel, type SwitchportSetup } from '../switchport/model.ts'
import { Datastores } from './datastores.ts'
import type { Element } from './element.ts'
import { changes, operate } from './operations.ts'
import { Cut, RpcError } from './rpc-error.ts'
import { BASE_10, BASE_11, Session } from './session.ts'

/** What goes wrong with one request that changes something; `half`: its first part is done, then the connection is cut. */
export type NetconfFault = 'refuse' | 'swallow' | 'drop-before' | 'drop-after' | 'half'

export interface NetconfDials extends SshDials<NetconfFault> {
  /** So many next requests that change something do the first of their parts, then the connection is cut. */
  halfApply: number
}

export interface NetconfOptions extends SwitchportSetup {
  address: string
  /** 0: any free one. */
  port: number
  hostname: string
  user: { name: string; password: string }
  reservedVlans?: readonly number[]
  /** Its forwarding table; empty, if absent. */
  learned?: Learned
  announced?: () => readonly AnnouncedMac[]
  /** It speaks base:1.0 alone, as old ones do. */
  old?: boolean
}

/** A switch that serves OpenConfig's models over NETCONF. */
export interface NetconfServer {
  readonly port: number
  readonly fingerprint: string
  readonly model: SwitchportModel
  readonly dials: NetconfDials
  /** Operations that were asked for, in their order. */
  readonly operations: string[]
  /** Sessions since the start. */
  logins(): number
  /** Sessions that are open. */
  open(): number
  /** A commit waits for its confirmation. */
  unconfirmed(): boolean
  setPower(on: boolean): void
  cut(): void
  reboot(): void
  stop(): Promise<void>
}

const capability = (name: string) => `urn:ietf:params:netconf:capability:${name}`
const model = (path: string, module: string, revision: string) =>
  `http://openconfig.net/yang/${path}?module=${module}&revision=${revision}`

/** Of RFC 6241 §8, and the models with the revisions of EOS 4.28. */
const capabilities: readonly string[] = [
  BASE_10,
  ...['candidate:1.0', 'confirmed-commit:1.1', 'rollback-on-error:1.0', 'startup:1.0'].map(capability),
  // validate:1.1 is what brings `test-only`
  capability('validate:1.1'),
  model('interfaces', 'openconfig-interfaces', '2019-11-19'),
  model('interfaces/ethernet', 'openconfig-if-ethernet', '2021-07-07'),
  model('interfaces/aggregate', 'openconfig-if-aggregate', '2020-05-01'),
  model('vlan', 'openconfig-vlan', '2019-11-28'),
  model('network-instance', 'openconfig-network-instance', '2021-07-22'),
  model('lldp', 'openconfig-lldp', '2018-11-21'),
]

const hows = { swallow: 'pretend', half: 'half' } as const

export async function startNetconf(options: NetconfOptions): Promise<NetconfServer> {
  const { address, port, hostname, user, learned = () => [], announced = () => [] } = options
  const model = new SwitchportModel(options)
  const stores = new Datastores(model, options.reservedVlans ?? [])
  const dials: NetconfDials = { ...calm(), halfApply: 0 }
  const sessions = new Map<number, () => void>()
  const operations: string[] = []
  let last = 0
  const ssh = await startSshListener({ address, port, hostname, user, dials }, (login, connection) => {
    login.on('subsystem', (accept, reject, { name }) => {
      if (name === 'netconf') attach(accept(), connection)
      else reject()
    })
  })

  function attach(channel: ServerChannel, connection: Connection): void {
    last += 1
    const id = last
    const over = () => {
      if (sessions.delete(id)) stores.sessionOver(id)
    }
    const end = () => {
      over()
      channel.end()
      connection.end()
    }
    sessions.set(id, end)
    const session = new Session({
      id,
      capabilities: options.old ? capabilities : [...capabilities, BASE_11],
      send: (bytes) => channel.write(bytes),
      end,
      answer: (operation) => {
        operations.push(operation.name)
        return answer(operation, id)
      },
    })
    channel.on('error', () => {})
    channel.on('data', (bytes: Buffer) => session.hear(bytes))
    channel.once('close', over)
    connection.once('close', over)
  }

  function answer(operation: Element, session: number): string {
    if (operation.name === 'close-session') return '<ok/>'
    if (operation.name === 'kill-session') return kill(operation, session)
    const fault = changes(operation) ? faultOf() : null
    if (fault === 'drop-before') throw new Cut()
    if (fault === 'refuse') throw new RpcError('operation-failed', 'Internal error: the agent is busy')
    const how = fault === 'swallow' || fault === 'half' ? hows[fault] : 'do'
    const said = operate(operation, {
      stores,
      model,
      session,
      how,
      saveLies: dials.saveLies,
      learned,
      announced,
    })
    if (fault === 'half' || fault === 'drop-after') throw new Cut()
    return said
  }

  function faultOf(): NetconfFault | null {
    if (dials.halfApply === 0) return nextFault(dials)
    dials.halfApply -= 1
    return 'half'
  }

  function kill(operation: Element, session: number): string {
    const id = Number(operation.children.find(({ name }) => name === 'session-id')?.text)
    const end = id === session ? undefined : sessions.get(id)
    if (end === undefined)
      throw new RpcError('invalid-value', 'There is no such other session', {
        type: 'protocol',
        info: { 'bad-element': 'session-id' },
      })
    end()
    return '<ok/>'
  }

  /** A session without its connection is over, now and not when the network tells. */
  function cut(): void {
    for (const end of sessions.values()) end()
    ssh.cut()
  }

  return {
    ...{ port: ssh.port, fingerprint: ssh.fingerprint, model, dials, operations },
    logins: () => last,
    open: () => sessions.size,
    unconfirmed: () => stores.unconfirmed,
    setPower(on) {
      ssh.setPower(on)
      if (!on) stores.lose()
    },
    cut,
    reboot() {
      ssh.cut()
      stores.reboot()
    },
    async stop() {
      stores.lose()
      await ssh.stop()
    },
  }
}

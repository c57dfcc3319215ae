import type { PortConfig, SwitchportConfig } from '../switchport/config.ts'
import type { SwitchportModel } from '../switchport/model.ts'

/** The request is not obeyed. */
export class Problem extends Error {
  readonly status: number
  readonly tag: string

  constructor(status: number, tag: string, message: string) {
    super(message)
    this.status = status
    this.tag = tag
  }
}

const NO_VLAN = 0

export interface Members {
  untagged: number | null
  tagged: number[]
}

/** SONiC keeps members per VLAN; the model's ports are trunks with a native VLAN, or 0 for none. */
export function membersOf(port: PortConfig): Members {
  if (port.mode === 'access') return { untagged: port.access, tagged: [] }
  const untagged = port.allowed.has(port.native) ? port.native : null
  return { untagged, tagged: [...port.allowed].filter((vlan) => vlan !== untagged).sort((a, b) => a - b) }
}

function withMembers(port: PortConfig, { untagged, tagged }: Members): PortConfig {
  const allowed = new Set(untagged === null ? tagged : [...tagged, untagged])
  return { ...port, mode: 'trunk', native: untagged ?? NO_VLAN, allowed }
}

/** What translib and its transformers make of requests for OpenConfig's nodes: each as a whole, or not at all. */
export class Translib {
  readonly #model: SwitchportModel
  readonly #reserved: ReadonlySet<number>

  constructor(model: SwitchportModel, reservedVlans: readonly number[]) {
    this.#model = model
    this.#reserved = new Set(reservedVlans)
  }

  interfaces(): unknown[] {
    const { ports, vlans } = this.#model.running
    return [
      ...[...ports].map(([name, port]) => interfaceOf(name, port)),
      ...[...vlans.keys()].map((vlan) => ({
        name: `Vlan${vlan}`,
        config: { name: `Vlan${vlan}`, type: 'iana-if-type:l2vlan', enabled: true },
        'openconfig-vlan:routed-vlan': { config: { vlan: `Vlan${vlan}` } },
      })),
    ]
  }

  createVlans(names: readonly string[]): void {
    const vlans = names.map((name) => Number(/^Vlan(\d{1,4})$/.exec(name)?.[1]))
    this.#change((config) => {
      for (const vlan of vlans) {
        if (!(vlan >= 1 && vlan <= 4094))
          throw new Problem(400, 'invalid-value', 'Invalid VLAN interface name')
        if (this.#reserved.has(vlan)) {
          throw new Problem(400, 'invalid-value', `VLAN ${vlan} is in the range of reserved VLANs`)
        }
        if (!config.vlans.has(vlan)) config.vlans.set(vlan, { name: `Vlan${vlan}` })
      }
    })
  }

  enable(name: string, enabled: boolean): void {
    this.#port(name, (port) => ({ ...port, shutdown: !enabled }))
  }

  /** Merges: lists only grow; ACCESS strips all tagged members. A second untagged VLAN is refused. */
  patch(name: string, leaves: Record<string, unknown>): void {
    const { 'interface-mode': mode, 'access-vlan': access, 'trunk-vlans': trunk, ...rest } = leaves
    const [unknown] = Object.keys(rest)
    if (unknown !== undefined) throw new Problem(400, 'invalid-value', `Field ${unknown} is not supported`)
    if (mode !== undefined && mode !== 'ACCESS' && mode !== 'TRUNK') {
      throw new Problem(400, 'invalid-value', `Invalid interface-mode ${String(mode)}`)
    }
    if (mode === 'ACCESS' && trunk !== undefined) {
      throw new Problem(400, 'invalid-value', 'trunk-vlans cannot be set in ACCESS mode')
    }
    const tagged = trunk === undefined ? [] : numbers(trunk)
    const untagged = access === undefined ? null : (numbers([access])[0] ?? null)
    this.#port(name, (port, { vlans }) => {
      const now = membersOf(port)
      for (const vlan of [...tagged, ...(untagged === null ? [] : [untagged])]) {
        if (!vlans.has(vlan))
          throw new Problem(404, 'invalid-value', `Invalid VLAN: Vlan${vlan} does not exist`)
      }
      if (untagged !== null && now.untagged !== null && now.untagged !== untagged) {
        throw new Problem(409, 'data-exists', `Vlan${now.untagged} is already the untagged VLAN of ${name}`)
      }
      const both = untagged === null ? [] : [...now.tagged, ...tagged].filter((vlan) => vlan === untagged)
      if (both.length > 0)
        throw new Problem(409, 'data-exists', `${name} is a tagged member of Vlan${untagged}`)
      return withMembers(port, {
        untagged: untagged ?? now.untagged,
        tagged: mode === 'ACCESS' ? [] : [...new Set([...now.tagged, ...tagged])],
      })
    })
  }

  /** @param leaf `access-vlan`, or one entry of `trunk-vlans` */
  remove(name: string, leaf: string): void {
    const vlan = /^trunk-vlans=(\d+)$/.exec(leaf)?.[1]
    if (vlan === undefined && leaf !== 'access-vlan') throw new Problem(405, 'operation-not-supported', leaf)
    this.#port(name, (port) => {
      const now = membersOf(port)
      const there = vlan === undefined ? now.untagged !== null : now.tagged.includes(Number(vlan))
      if (!there) throw new Problem(404, 'invalid-value', 'Resource not found')
      return withMembers(port, {
        untagged: vlan === undefined ? null : now.untagged,
        tagged: now.tagged.filter((one) => one !== Number(vlan)),
      })
    })
  }

  #port(name: string, edit: (port: PortConfig, config: SwitchportConfig) => PortConfig): void {
    this.#change((config) => {
      const port = config.ports.get(name)
      if (port === undefined) throw new Problem(404, 'invalid-value', `Interface ${name} not found`)
      if (!port.switchport) throw new Problem(400, 'invalid-value', `${name} has L3 configuration`)
      config.ports.set(name, edit(port, config))
    })
  }

  #change(edit: (config: SwitchportConfig) => void): void {
    this.#model.change(edit)
  }
}

function interfaceOf(name: string, port: PortConfig): unknown {
  const { untagged, tagged } = membersOf(port)
  const config = {
    'interface-mode': tagged.length > 0 ? 'TRUNK' : 'ACCESS',
    ...(untagged === null ? {} : { 'access-vlan': untagged }),
    ...(tagged.length === 0 ? {} : { 'trunk-vlans': tagged }),
  }
  const empty = untagged === null && tagged.length === 0
  const address = { ip: '192.0.2.1', config: { ip: '192.0.2.1', 'prefix-length': 31 } }
  return {
    name,
    config: { name, type: 'iana-if-type:ethernetCsmacd', mtu: 9100, enabled: !port.shutdown },
    state: { name, 'admin-status': port.shutdown ? 'DOWN' : 'UP', counters: { 'in-octets': '1' } },
    'openconfig-if-ethernet:ethernet': {
      config: { 'port-speed': 'openconfig-if-ethernet:SPEED_25GB' },
      ...(port.switchport && !empty ? { 'openconfig-vlan:switched-vlan': { config, state: config } } : {}),
    },
    ...(port.switchport
      ? {}
      : {
          subinterfaces: {
            subinterface: [{ index: 0, 'openconfig-if-ip:ipv4': { addresses: { address: [address] } } }],
          },
        }),
  }
}

function numbers(list: unknown): number[] {
  if (!Array.isArray(list)) throw new Problem(400, 'invalid-value', 'A leaf-list is an array')
  return list.map((one) => {
    if (!Number.isInteger(one)) throw new Problem(400, 'invalid-value', `${String(one)} is no VLAN`)
    return Number(one)
  })
}

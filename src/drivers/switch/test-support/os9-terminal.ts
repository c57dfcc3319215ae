import type { PortState } from '../types.ts'

interface TerminalPort {
  layer2: boolean
  hybrid: boolean
  shut: boolean
  untagged: number | null
  tagged: Set<number>
}

/**
 * A reader of OS9 configuration lines with OS9's refusals, written apart from the driver's planner: tests type a plan
 * into it and look at what each port carries after every line. The default VLAN is 1.
 */
export class Os9Terminal {
  readonly ports = new Map<string, TerminalPort>()
  readonly vlans = new Map<number, string | null>([[1, null]])
  #at: { port: string } | { vlan: number } | null = null

  constructor(states: ReadonlyMap<string, PortState>, vlans: Iterable<number> = []) {
    for (const vlan of vlans) this.vlans.set(vlan, null)
    for (const [name, state] of states) {
      const layer2 = state.untagged !== null || state.tagged.length > 0
      this.ports.set(name, {
        layer2: layer2 || state.prepared !== false,
        hybrid: state.prepared !== false,
        shut: !state.enabled,
        untagged: state.untagged === 1 ? null : state.untagged,
        tagged: new Set(state.tagged),
      })
      for (const vlan of [state.untagged, ...state.tagged]) if (vlan !== null) this.vlans.set(vlan, null)
    }
  }

  untagged(port: TerminalPort): number | null {
    if (!port.layer2) return null
    return port.untagged ?? (port.hybrid || port.tagged.size === 0 ? 1 : null)
  }

  state(name: string): PortState {
    const port = this.#port(name)
    const tagged = [...port.tagged].sort((a, b) => a - b)
    return {
      mode: tagged.length > 0 ? 'trunk' : 'access',
      untagged: this.untagged(port),
      tagged,
      enabled: !port.shut,
      prepared: port.layer2 && port.hybrid,
    }
  }

  /** The VLANs whose frames pass now. */
  carried(name: string): Set<number> {
    const { untagged, tagged, enabled } = this.state(name)
    if (!enabled) return new Set()
    return new Set(untagged === null ? tagged : [untagged, ...tagged])
  }

  /** Types one line; throws what OS9 would print. */
  type(line: string): void {
    const header = /^interface (?:vlan (\d+)|(.+))$/.exec(line)
    if (header) {
      if (header[1] === undefined) {
        this.#port(header[2] ?? '')
        this.#at = { port: header[2] ?? '' }
      } else {
        const vlan = Number(header[1])
        if (!this.vlans.has(vlan)) this.vlans.set(vlan, null)
        this.#at = { vlan }
      }
      return
    }
    if (this.#at === null) throw new Error('% Error: Invalid input at "^" marker.')
    if ('vlan' in this.#at) this.#typeInVlan(line, this.#at.vlan)
    else this.#typeInPort(line, this.#port(this.#at.port))
  }

  #typeInVlan(line: string, vlan: number): void {
    const described = /^ description (\S+)$/.exec(line)
    if (described?.[1]) {
      this.vlans.set(vlan, described[1])
      return
    }
    const member = /^ (no )?(untagged|tagged) (.+)$/.exec(line)
    if (!member || vlan === 1) throw new Error(`% Error: Invalid input at "^" marker. ${line}`)
    const port = this.#port(member[3] ?? '')
    if (!port.layer2) throw new Error('% Error: Port is not in Layer-2 mode.')
    if (member[2] === 'tagged') this.#tagged(port, vlan, member[1] !== undefined)
    else this.#untagged(port, vlan, member[1] !== undefined)
  }

  #tagged(port: TerminalPort, vlan: number, no: boolean): void {
    if (no) {
      if (!port.tagged.delete(vlan)) throw new Error('% Error: Port is not tagged in this VLAN.')
      return
    }
    if (port.untagged === vlan) throw new Error('% Error: Port is untagged in this VLAN.')
    if (port.untagged !== null && !port.hybrid) throw new Error('% Error: Port is untagged in another VLAN.')
    port.tagged.add(vlan)
  }

  #untagged(port: TerminalPort, vlan: number, no: boolean): void {
    if (no) {
      if (port.untagged !== vlan) throw new Error('% Error: Port is not untagged in this VLAN.')
      port.untagged = null
      return
    }
    if (port.untagged !== null) throw new Error(`% Error: Port is untagged in VLAN ${port.untagged}.`)
    if (port.tagged.size > 0 && !port.hybrid) throw new Error('% Error: Port is tagged.')
    if (port.tagged.has(vlan)) throw new Error('% Error: Port is tagged in this VLAN.')
    port.untagged = vlan
  }

  #typeInPort(line: string, port: TerminalPort): void {
    const members = port.untagged !== null || port.tagged.size > 0
    if (line === ' shutdown') port.shut = true
    else if (line === ' no shutdown') port.shut = false
    else if (line === ' switchport') port.layer2 = true
    else if (line === ' no switchport') {
      if (members) throw new Error('% Error: Port is a member of a VLAN.')
      port.layer2 = false
    } else if (line === ' portmode hybrid' || line === ' no portmode hybrid') {
      if (port.layer2) throw new Error('% Error: Port is in Layer-2 mode.')
      port.hybrid = line === ' portmode hybrid'
    } else throw new Error(`% Error: Invalid input at "^" marker. ${line}`)
  }

  #port(name: string): TerminalPort {
    const port = this.ports.get(name)
    if (!port) throw new Error(`% Error: No such interface ${name}.`)
    return port
  }
}

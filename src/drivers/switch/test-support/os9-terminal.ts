import type { PortState } from '../types.ts'

interface TerminalPort {
  layer2: boolean
  hybrid: boolean
  shut: boolean
  untagged: number | null
  tagged: Set<number>
  /** The port-channel whose member it is. */
  channel?: number
}

/**
 * A reader of OS9 configuration lines with OS9's refusals, written apart from the driver's planner: tests type a plan
 * into it and look at what each port carries after every line. The default VLAN is 1.
 */
export class Os9Terminal {
  readonly ports = new Map<string, TerminalPort>()
  readonly vlans = new Map<number, string | null>([[1, null]])
  #at: { port: string; lacp?: boolean } | { vlan: number } | null = null

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
    const own = this.#port(name)
    const lag = own.channel
    const group = lag === undefined ? undefined : this.ports.get(`Port-channel ${lag}`)
    const port = group ?? own
    const tagged = [...port.tagged].sort((a, b) => a - b)
    return {
      mode: tagged.length > 0 ? 'trunk' : 'access',
      untagged: this.untagged(port),
      tagged,
      enabled: !port.shut && !own.shut,
      prepared: port.layer2 && port.hybrid,
      ...(lag === undefined ? {} : { lag }),
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
    const gone = /^no interface (Port-channel (\d+))$/.exec(line)
    if (gone?.[1]) {
      if (!this.ports.delete(gone[1])) throw new Error('% Error: No such interface.')
      for (const port of this.ports.values()) if (port.channel === Number(gone[2])) delete port.channel
      this.#at = null
      return
    }
    if (/^interface Port-channel \d+$/.test(line) && !this.ports.has(line.slice('interface '.length)))
      this.ports.set(line.slice('interface '.length), {
        layer2: false,
        hybrid: false,
        shut: true,
        untagged: null,
        tagged: new Set(),
      })
    const header = /^interface (?:vlan (\d+)|(.+))$/.exec(line)
    if (header) {
      // nobody has seen whether OS9 leaves the mode of LACP by itself
      if (this.#at && 'port' in this.#at && this.#at.lacp)
        throw new Error('% Error: Invalid input at "^" marker.')
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
    else if (line === ' port-channel-protocol lacp') this.#at.lacp = true
    else if (this.#at.lacp) this.#join(line, this.#port(this.#at.port))
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

  /** Each call of REST-CLI begins at the top. */
  begin(): void {
    this.#at = null
  }

  #join(line: string, port: TerminalPort): void {
    const channel = /^ {2}port-channel (\d+) mode active$/.exec(line)?.[1]
    if (channel === undefined) throw new Error('% Error: Invalid input at "^" marker.')
    if (port.layer2 || port.hybrid) throw new Error('% Error: Port is in Layer-2 mode.')
    this.#port(`Port-channel ${channel}`)
    port.channel = Number(channel)
  }

  #typeInPort(line: string, port: TerminalPort): void {
    const members = port.untagged !== null || port.tagged.size > 0
    if (port.channel !== undefined && /switchport|hybrid/.test(line))
      throw new Error('% Error: Port is part of a LAG.')
    if (line === ' shutdown') port.shut = true
    else if (line === ' no shutdown') port.shut = false
    else if (line === ' no port-channel-protocol lacp') delete port.channel
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

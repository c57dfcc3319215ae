import {
  everyVlan,
  FACTORY_VLAN,
  factoryPort,
  HIGHEST_VLAN,
  type PortConfig,
  type SwitchportConfig,
} from './config.ts'
import { readVlanList } from './vlan-list.ts'

/** What the command line prints when it does not take a line. */
export class CliRefusal extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'CliRefusal'
  }
}

/** Where EOS and NX-OS differ. */
export interface Dialect {
  /** The full name of an interface that a person wrote, or null. */
  interfaceName(written: string): string | null
  invalid(line: string): string
  noInterface(name: string): string
  /** VLANs that the switch keeps for itself, with what it says. */
  reserved(vlan: number): string | null
  /** EOS makes the VLAN of `switchport access vlan`; NX-OS does not. */
  makesAccessVlan: boolean
  /** NX-OS wants a name once; null lets it pass. */
  nameTaken(name: string): string | null
  /** It has port-channels: their name by number, and the numbers that there can be. */
  channels?: { name(group: number): string; most: number }
  /** Said of `switchport …` lines on a routed port; null lets them pass, without effect on it. */
  notLayer2(port: string): string | null
}

type Context = { kind: 'top' } | { kind: 'vlan'; vlan: number } | { kind: 'port'; name: string }

/** Configuration lines on one configuration, one by one, as they are typed after `configure`. */
export class SwitchportCli {
  readonly #config: SwitchportConfig
  readonly #dialect: Dialect
  #context: Context = { kind: 'top' }

  constructor(config: SwitchportConfig, dialect: Dialect) {
    this.#config = config
    this.#dialect = dialect
  }

  /** @throws CliRefusal, and nothing has happened */
  type(line: string): void {
    const words = line.trim().split(/\s+/)
    const [first = '', second = ''] = words
    const context = this.#context
    if (first === 'vlan' && words.length === 2) this.#enterVlan(second)
    else if (first === 'interface' && words.length > 1) this.#enterPort(words.slice(1).join(' '))
    else if (first === 'no' && second === 'interface') this.#dissolve(line, words.slice(2).join(' '))
    else if (line === 'exit') this.#context = { kind: 'top' }
    else if (context.kind === 'vlan' && first === 'name' && words.length === 2)
      this.#name(context.vlan, second)
    else if (context.kind === 'port') this.#portLine(context.name, line.trim())
    else throw new CliRefusal(this.#dialect.invalid(line))
  }

  #enterVlan(text: string): void {
    const vlan = /^\d{1,4}$/.test(text) ? Number(text) : 0
    if (vlan < 1 || vlan > HIGHEST_VLAN) throw new CliRefusal(this.#dialect.invalid(`vlan ${text}`))
    this.#makeVlan(vlan)
    this.#context = { kind: 'vlan', vlan }
  }

  #makeVlan(vlan: number): void {
    const why = this.#dialect.reserved(vlan)
    if (why !== null) throw new CliRefusal(why)
    if (!this.#config.vlans.has(vlan)) {
      this.#config.vlans.set(vlan, { name: `VLAN${String(vlan).padStart(4, '0')}` })
    }
  }

  #name(vlan: number, name: string): void {
    const others = [...this.#config.vlans].filter(([id]) => id !== vlan)
    const taken = others.some(([, other]) => other.name === name) ? this.#dialect.nameTaken(name) : null
    if (taken !== null) throw new CliRefusal(taken)
    this.#config.vlans.set(vlan, { name })
  }

  #enterPort(written: string): void {
    const name = this.#dialect.interfaceName(written)
    if (name === null) throw new CliRefusal(this.#dialect.invalid(`interface ${written}`))
    if (!this.#config.ports.has(name) && this.#isChannel(name)) this.#config.ports.set(name, factoryPort())
    if (!this.#config.ports.has(name)) throw new CliRefusal(this.#dialect.noInterface(name))
    this.#context = { kind: 'port', name }
  }

  #isChannel(name: string): boolean {
    const { channels } = this.#dialect
    const group = Number(/(\d+)$/.exec(name)?.[1])
    return channels !== undefined && name === channels.name(group) && group >= 1 && group <= channels.most
  }

  /** Only a port-channel can go. What becomes of members is not documented: here they have to leave first. */
  #dissolve(line: string, written: string): void {
    const name = this.#dialect.interfaceName(written)
    if (name === null || !this.#isChannel(name)) throw new CliRefusal(this.#dialect.invalid(line))
    const group = Number(/(\d+)$/.exec(name)?.[1])
    if ([...this.#config.ports.values()].some(({ channel }) => channel?.group === group))
      throw new CliRefusal(`${name} has members`)
    this.#config.ports.delete(name)
    this.#context = { kind: 'top' }
  }

  /** @returns false: it is another line */
  #channelLine(name: string, port: PortConfig, line: string): boolean {
    const { channels } = this.#dialect
    if (channels === undefined) return false
    if (this.#isChannel(name)) {
      const [, fallback] = /^port-channel lacp fallback (static|individual)$/.exec(line) ?? []
      if (fallback === 'static' || fallback === 'individual') port.fallback = fallback
      else if (line === 'no port-channel lacp fallback') delete port.fallback
      else return false
      return true
    }
    const [, group = '', mode] = /^channel-group (\d+) mode (active|passive|on)$/.exec(line) ?? []
    if (line === 'no channel-group') delete port.channel
    else if (mode === 'active' || mode === 'passive' || mode === 'on') {
      const channel = channels.name(Number(group))
      if (!this.#isChannel(channel)) throw new CliRefusal(this.#dialect.invalid(line))
      if (!this.#config.ports.has(channel)) this.#config.ports.set(channel, factoryPort())
      port.channel = { group: Number(group), mode }
    } else return false
    return true
  }

  #portLine(name: string, line: string): void {
    const port = this.#config.ports.get(name)
    if (port === undefined) throw new Error(`no port ${name}`)
    if (line === 'shutdown' || line === 'no shutdown') port.shutdown = line === 'shutdown'
    else if (line === 'switchport' || line === 'no switchport') port.switchport = line === 'switchport'
    else if (/^description \S/.test(line)) port.description = line.slice('description '.length)
    else if (!this.#channelLine(name, port, line)) this.#vlanLine(name, port, line)
  }

  #vlanLine(name: string, port: PortConfig, line: string): void {
    const invalid = () => new CliRefusal(this.#dialect.invalid(line))
    const number = (text: string) => {
      const vlan = Number(text)
      if (vlan < 1 || vlan > HIGHEST_VLAN) throw invalid()
      return vlan
    }
    const routed = port.switchport ? null : this.#dialect.notLayer2(name)
    const [, mode] = /^switchport mode (access|trunk)$/.exec(line) ?? []
    const [, access] = /^switchport access vlan (\d+)$/.exec(line) ?? []
    const [, native] = /^switchport trunk native vlan (\d+)$/.exec(line) ?? []
    const [, how, list] = /^switchport trunk allowed vlan (?:(add|remove) )?(\S+)$/.exec(line) ?? []
    const reset = /^no switchport (access vlan|trunk native vlan|trunk allowed vlan|mode)$/.exec(line)?.[1]
    const known = [mode, access, native, list, reset].some((part) => part !== undefined)
    if (!known) throw invalid()
    if (routed !== null) throw new CliRefusal(routed)
    if (mode === 'access' || mode === 'trunk') port.mode = mode
    if (access !== undefined) {
      const vlan = number(access)
      const why = this.#dialect.reserved(vlan)
      if (why !== null) throw new CliRefusal(why)
      if (this.#dialect.makesAccessVlan) this.#makeVlan(vlan)
      port.access = vlan
    }
    if (native !== undefined) port.native = number(native)
    if (list !== undefined) {
      const vlans = readVlanList(list)
      if (vlans === null) throw invalid()
      if (how === 'add') port.allowed = new Set([...port.allowed, ...vlans])
      else if (how === 'remove') port.allowed = new Set([...port.allowed].filter((vlan) => !vlans.has(vlan)))
      else port.allowed = vlans
    }
    if (reset === 'access vlan') port.access = FACTORY_VLAN
    if (reset === 'trunk native vlan') port.native = FACTORY_VLAN
    if (reset === 'trunk allowed vlan') port.allowed = everyVlan
    if (reset === 'mode') port.mode = factoryPort().mode
  }
}

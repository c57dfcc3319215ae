import type { AnnouncedMac } from '../../announced-macs.ts'
import { CliRefusal, type Dialect, SwitchportCli } from '../switchport/cli.ts'
import { channelName } from '../switchport/config.ts'
import type { SwitchportModel } from '../switchport/model.ts'
import type { Session, Sessions } from './sessions.ts'
import {
  macTable,
  showConfig,
  showDiffs,
  showNeighbours,
  showSessions,
  showStatus,
  showSwitchports,
  showVlans,
} from './show.ts'

export interface Eos {
  model: SwitchportModel
  sessions: Sessions
  /** VLANs that routed ports use inside. */
  internalVlans: ReadonlySet<number>
  learned: (port: string) => readonly { mac: string; vlan: number }[]
  announced: () => readonly AnnouncedMac[]
  saveLies: boolean
}

/** A command that only text can answer: error 1003 of the Command API. */
export class Unconverted extends Error {}

type Format = 'json' | 'text'

/** One login: the commands of one request, in the modes of the command line. */
export class EosShell {
  readonly #eos: Eos
  readonly #readOnly: boolean
  readonly #dialect: Dialect
  #privileged = false
  #inside: { name: string; session: Session; cli: SwitchportCli } | null = null

  constructor(eos: Eos, readOnly: boolean) {
    this.#eos = eos
    this.#readOnly = readOnly
    this.#dialect = eosDialect(eos)
  }

  /** @throws CliRefusal, Unconverted */
  run(line: string, format: Format): unknown {
    const answer = this.#execute(line.trim(), format)
    if (typeof answer !== 'string') return format === 'json' ? answer : { output: JSON.stringify(answer) }
    return format === 'json' ? (answer === '' ? {} : { messages: [answer] }) : { output: answer }
  }

  #execute(line: string, format: Format): unknown {
    if (line === 'enable') {
      this.#privileged = true
      return ''
    }
    if (this.#inside !== null) return this.#inSession(this.#inside, line)
    const shown = this.#show(line, format)
    if (shown !== null) return shown
    if (!this.#privileged) throw new CliRefusal('Invalid input (privileged mode required)')
    if (this.#readOnly) throw new CliRefusal(`Authorization denied for command '${line}'`)
    if (line === 'write memory') {
      if (!this.#eos.saveLies) this.#eos.model.save()
      return 'Copy completed successfully.'
    }
    const [, name = '', what] = /^configure session (\S+)(?: (.+))?$/.exec(line) ?? []
    if (name === '') throw new CliRefusal(this.#dialect.invalid(line))
    if (what !== undefined) return this.#endSession(name, what)
    const session = this.#eos.sessions.enter(name)
    this.#inside = { name, session, cli: new SwitchportCli(session.config, this.#dialect) }
    return ''
  }

  #show(line: string, format: Format): unknown {
    const { running, startup } = this.#eos.model
    switch (line) {
      case 'show interfaces switchport':
        return showSwitchports(running)
      case 'show interfaces status':
        return showStatus(running)
      case 'show lldp neighbors detail':
        return showNeighbours([...running.ports.keys()], this.#eos.announced())
      case 'show vlan':
        return showVlans(running)
      case 'show configuration sessions detail':
        return this.#privately(line, () => showSessions(this.#eos.sessions.all))
      case 'show running-config':
        return this.#textOnly(line, format, () => showConfig(running))
      case 'show startup-config':
        return this.#textOnly(line, format, () => showConfig(startup))
    }
    if (line === 'show mac address-table') return macTable([...running.ports.keys()], this.#eos.learned)
    const [, port] = /^show mac address-table interface (\S+)$/.exec(line) ?? []
    if (port !== undefined) return this.#macs(port)
    const [, named] = /^show session-config named (\S+) diffs$/.exec(line) ?? []
    if (named === undefined) return null
    return this.#textOnly(line, format, () =>
      showDiffs(named, running, this.#eos.sessions.named(named).config),
    )
  }

  #privately<T>(line: string, show: () => T): T {
    if (!this.#privileged) throw new CliRefusal(`Invalid input (privileged mode required) '${line}'`)
    return show()
  }

  #textOnly(line: string, format: Format, show: () => string): string {
    if (format === 'json') throw new Unconverted(line)
    return this.#privately(line, show)
  }

  #macs(written: string): unknown {
    const port = this.#dialect.interfaceName(written)
    if (port === null || !this.#eos.model.running.ports.has(port))
      throw new CliRefusal('Interface does not exist')
    return macTable([port], this.#eos.learned)
  }

  #inSession(inside: { name: string; cli: SwitchportCli }, line: string): string {
    if (line === 'end') this.#inside = null
    else if (line === 'commit' || line === 'abort' || line.startsWith('commit timer ')) {
      this.#inside = null
      return this.#endSession(inside.name, line)
    } else inside.cli.type(line)
    return ''
  }

  #endSession(name: string, what: string): string {
    const { sessions } = this.#eos
    const [, hours, minutes, seconds] = /^commit timer (\d{2}):(\d{2}):(\d{2})$/.exec(what) ?? []
    if (what === 'commit') sessions.commit(name)
    else if (what === 'abort') sessions.abort(name)
    else if (seconds !== undefined)
      sessions.commitTimer(name, (Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds))
    else throw new CliRefusal(this.#dialect.invalid(what))
    return ''
  }
}

export function eosDialect({ internalVlans }: Pick<Eos, 'internalVlans'>): Dialect {
  return {
    interfaceName(written) {
      const match = /^(et|eth|ethernet|po|port-channel)\s*(\d+(?:\/\d+){0,2})$/i.exec(written)
      if (match === null) return null
      return `${match[1]?.toLowerCase().startsWith('p') ? 'Port-Channel' : 'Ethernet'}${match[2]}`
    },
    invalid: (line) =>
      `Invalid input (at token ${Math.max(0, line.split(' ').length - 1)}: '${line.split(' ').at(-1)}')`,
    noInterface: () => 'Interface does not exist',
    reserved: (vlan) =>
      internalVlans.has(vlan) ? `Could not create VLAN(s) ${vlan}: in use as internal VLAN` : null,
    makesAccessVlan: true,
    channels: { name: channelName, most: 2000 },
    nameTaken: () => null,
    notLayer2: () => null,
  }
}

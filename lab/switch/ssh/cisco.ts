import { formatNumbers } from '../ranges.ts'
import type { CliConfig, CliPort } from './config.ts'
import { ALL_VLANS, readList } from './config.ts'
import type { Dialect, Shell } from './dialect.ts'
import { Refused } from './model.ts'
import { neighbours } from './neighbours.ts'

/** What tells the makes apart whose command line descends from IOS. */
export interface CiscoMake {
  name: string
  ports: readonly [string, string, string]
  /** Names of ports as they may be typed and as they are. */
  portName(text: string): string
  /** The mode after the login. */
  begin: 'user' | 'exec'
  /** What follows the host's name. */
  ifPrompt(port: string): string
  vlanPrompt(vlan: string): string
  /** After # */
  blank: string
  invalid: string
  noSuchPort: string
  reserved(vlan: number): string | null
  /** IOS makes a VLAN when its mode is left, and one that a port is put into. */
  lazyVlans: boolean
  paging: RegExp
  save: RegExp
  saved: string
  indent: string
  /** It has port-channels as EOS has them; of the others nothing is known here. */
  channels: boolean
  /** Lines of a port beside its VLANs. */
  portLines(port: CliPort): string[]
  vlansInConfig: boolean
  busy: string
}

/** The command line of IOS and its descendants, as far as ports and VLANs go; whole words only. */
export function ciscoDialect(make: CiscoMake): Dialect {
  return {
    name: make.name,
    rule: 'native-in-list',
    ports: make.ports,
    begin: make.begin,
    pages: true,
    busy: make.busy,
    prompt: ({ host, mode, at }) => {
      if (mode === 'user') return `${host}>${make.blank}`
      if (mode === 'exec') return `${host}#${make.blank}`
      const inside = mode === 'if' ? make.ifPrompt(at) : mode === 'vlan' ? make.vlanPrompt(at) : 'config'
      return `${host}(${inside})#${make.blank}`
    },
    run: (line, shell) => {
      const text = line.trim().replaceAll(/\s+/g, ' ')
      if (text === '') return ''
      if (shell.mode === 'user') return user(text, shell)
      return shell.mode === 'exec' ? exec(text, shell) : configure(text, shell)
    },
  }

  function user(text: string, shell: Shell): string {
    if (text !== 'enable') throw new Refused(make.invalid)
    shell.mode = 'exec'
    return ''
  }

  function exec(text: string, shell: Shell): string {
    const { model } = shell
    if (text === 'enable') return ''
    if (/^terminal width \d+$/.test(text)) return ''
    if (make.paging.test(text)) {
      shell.paging = false
      return ''
    }
    if (text === 'configure terminal') {
      shell.mode = 'config'
      return make.name === 'ios-xe' ? 'Enter configuration commands, one per line.  End with CNTL/Z.' : ''
    }
    if (text === 'show running-config') return configText(model.running)
    if (text === 'show startup-config') {
      return model.startup ? configText(model.startup) : 'startup-config is not present'
    }
    if (text === 'show vlan brief' && !make.vlansInConfig) return vlanBrief(model.running)
    const macs = /^show mac address-table interface (.+)$/.exec(text)
    if (macs) return macTable(portOf(macs[1] ?? '', model.running), shell)
    if (text === 'show lldp neighbors detail') return neighbours(make.name, model.announced())
    if (make.save.test(text)) {
      model.save()
      return make.saved
    }
    throw new Refused(make.invalid)
  }

  function configure(text: string, shell: Shell): string {
    const { model } = shell
    const entered = /^(interface|vlan) (\S+(?: \S+)?)$/.exec(text)
    if (entered?.[1] === 'interface') makeChannel(channelName(entered[2] ?? ''), shell)
    if (text === 'end' || text === 'exit' || entered) {
      shell.pending?.()
      shell.pending = null
      if (text === 'end') shell.mode = 'exec'
      if (text === 'exit') shell.mode = shell.mode === 'config' ? 'exec' : 'config'
      if (entered?.[1] === 'interface') {
        shell.at = portOf(entered[2] ?? '', model.running)
        shell.mode = 'if'
      }
      if (entered?.[1] === 'vlan') enterVlan(entered[2] ?? '', shell)
      return ''
    }
    if (shell.mode === 'vlan') return vlanLine(text, shell)
    if (shell.mode === 'if') return portLine(text, shell)
    throw new Refused(make.invalid)
  }

  function enterVlan(text: string, shell: Shell): void {
    const [vlan] = readList(text) ?? []
    if (vlan === undefined || !/^\d+$/.test(text)) throw new Refused(make.invalid)
    const reserved = make.reserved(vlan)
    if (reserved !== null) throw new Refused(reserved)
    const create = () =>
      shell.model.change(({ vlans }) => {
        if (!vlans.has(vlan)) vlans.set(vlan, null)
      })
    if (make.lazyVlans) shell.pending = create
    else create()
    shell.mode = 'vlan'
    shell.at = text
  }

  function vlanLine(text: string, shell: Shell): string {
    const name = /^name (\S{1,32})$/.exec(text)?.[1]
    if (name === undefined) throw new Refused(make.invalid)
    const vlan = Number(shell.at)
    const taken = [...shell.model.running.vlans].some(([other, used]) => used === name && other !== vlan)
    if (taken) throw new Refused(`ERROR: VLAN name ${name} is already in use`)
    const rename = () => shell.model.change(({ vlans }) => void vlans.set(vlan, name))
    if (make.lazyVlans) shell.pending = rename
    else rename()
    return ''
  }

  function portLine(text: string, shell: Shell): string {
    const { model, at } = shell
    let said = ''
    const edit = (work: (port: CliPort, config: CliConfig) => void) => {
      model.change((config) => {
        const port = config.ports.get(at)
        if (port) work(port, config)
      })
      return said
    }
    if (text === 'shutdown' || text === 'no shutdown') {
      return edit((port) => {
        port.shutdown = text === 'shutdown'
      })
    }
    const ofChannel = make.channels ? channelLine(text, shell) : null
    if (ofChannel) return edit(ofChannel)
    const mode = /^switchport mode (access|trunk)$/.exec(text)?.[1]
    if (mode === 'access' || mode === 'trunk') {
      return edit((port) => {
        port.mode = mode
      })
    }
    const single = /^switchport (access|trunk native) vlan (\d+)$/.exec(text)
    if (single) {
      const vlan = vlanOf(single[2] ?? '')
      return edit((port, { vlans }) => {
        if (single[1] === 'access') port.access = vlan
        else port.native = vlan
        if (single[1] !== 'access' || vlans.has(vlan) || !make.lazyVlans) return
        vlans.set(vlan, null)
        said = `% Access VLAN does not exist. Creating vlan ${vlan}`
      })
    }
    const list = /^switchport trunk allowed vlan (?:(add|remove) )?(none|all|[\d,-]+)$/.exec(text)
    if (!list) throw new Refused(make.invalid)
    const vlans = list[2] === 'none' ? [] : list[2] === 'all' ? ALL_VLANS : readList(list[2] ?? '')
    if (vlans === null) throw new Refused(make.invalid)
    return edit((port) => {
      if (list[1] === undefined) port.allowed = new Set(vlans)
      for (const vlan of vlans) {
        if (list[1] === 'add') port.allowed.add(vlan)
        if (list[1] === 'remove') port.allowed.delete(vlan)
      }
    })
  }

  function vlanOf(text: string): number {
    const vlan = Number(text)
    if (vlan < 1 || vlan > 4094) throw new Refused(make.invalid)
    const reserved = make.reserved(vlan)
    if (reserved !== null) throw new Refused(reserved)
    return vlan
  }

  function channelName(text: string): string | null {
    const group = make.channels ? /^(?:port-channel|po) ?([1-9]\d{0,3})$/i.exec(text)?.[1] : undefined
    return group === undefined ? null : `Port-Channel${group}`
  }

  /** A new one is an access port of the default VLAN, and without members. */
  function makeChannel(name: string | null, { model }: Shell): void {
    if (name === null || model.running.ports.has(name)) return
    model.change(({ ports }) => {
      const factory = { layer2: true, mode: 'access', access: 1, native: 1, shutdown: false } as const
      ports.set(name, { ...factory, allowed: new Set(ALL_VLANS) })
    })
  }

  /** Of LACP; null: it is another line. */
  function channelLine(text: string, shell: Shell): ((port: CliPort) => void) | null {
    const isChannel = shell.at.startsWith('Port-Channel')
    const [, group = '', mode] = /^channel-group ([1-9]\d{0,3}) mode (active|passive|on)$/.exec(text) ?? []
    if (!isChannel && (mode === 'active' || mode === 'passive' || mode === 'on')) {
      makeChannel(`Port-Channel${group}`, shell)
      return (port) => {
        port.channel = { group: Number(group), mode }
      }
    }
    if (!isChannel && text === 'no channel-group') return (port) => void delete port.channel
    const fallback = /^port-channel lacp fallback(?: (static|individual))?$/.exec(text)
    if (isChannel && fallback)
      return (port) => {
        port.fallback = fallback[1] === 'individual' ? 'individual' : 'static'
      }
    if (isChannel && text === 'no port-channel lacp fallback') return (port) => void delete port.fallback
    return null
  }

  function portOf(text: string, config: CliConfig): string {
    const name = channelName(text) ?? make.portName(text)
    if (!config.ports.has(name)) throw new Refused(make.noSuchPort)
    return name
  }

  function configText(config: CliConfig): string {
    const lines = [
      '!Command: show running-config',
      '!',
      'hostname switch',
      'username admin password 5 $5$not.shown',
    ]
    if (make.vlansInConfig) {
      lines.push(`vlan ${formatNumbers([...config.vlans.keys()].sort((a, b) => a - b))}`)
      for (const [vlan, name] of config.vlans)
        if (name) lines.push(`vlan ${vlan}`, `${make.indent}name ${name}`)
    }
    for (const [name, port] of config.ports) {
      const inside = [...(port.layer2 ? switchLines(port) : ['no switchport']), ...make.portLines(port)]
      lines.push('!', `interface ${name}`, ...inside.map((line) => make.indent + line))
    }
    return [...lines, '!', 'end'].join('\n')
  }

  /** Only what is not the default, as these makes print it; long lists go on with "add". */
  function switchLines(port: CliPort): string[] {
    const lines: string[] = []
    if (port.access !== 1) lines.push(`switchport access vlan ${port.access}`)
    if (port.native !== 1) lines.push(`switchport trunk native vlan ${port.native}`)
    if (port.allowed.size < ALL_VLANS.length) {
      const list = formatNumbers([...port.allowed].sort((a, b) => a - b)) || 'none'
      const [first = '', ...more] = list.match(/.{1,60}(?:,|$)/g) ?? []
      lines.push(`switchport trunk allowed vlan ${first.replace(/,$/, '')}`)
      for (const part of more) lines.push(`switchport trunk allowed vlan add ${part.replace(/,$/, '')}`)
    }
    if (port.channel) lines.push(`channel-group ${port.channel.group} mode ${port.channel.mode}`)
    if (port.fallback) lines.push(`port-channel lacp fallback ${port.fallback}`)
    if (port.mode === 'trunk' || make.name === 'ios-xe') lines.push(`switchport mode ${port.mode}`)
    return lines
  }

  function vlanBrief(config: CliConfig): string {
    const rows = [...config.vlans].map(
      ([vlan, name]) =>
        `${String(vlan).padEnd(4)} ${(name ?? `VLAN${String(vlan).padStart(4, '0')}`).padEnd(32)} active`,
    )
    return [
      '',
      'VLAN Name                             Status    Ports',
      '---- -------------------------------- --------- -------------------------------',
      ...rows,
    ].join('\n')
  }

  function macTable(port: string, { model }: Shell): string {
    const dotted = (mac: string) => mac.replaceAll(':', '').replace(/(.{4})(.{4})(.{4})/, '$1.$2.$3')
    return [
      'Vlan    Mac Address       Type        Ports',
      '----    -----------       --------    -----',
      ...model.learned(port).map(({ mac, vlan }) => ` ${vlan}    ${dotted(mac)}    DYNAMIC     ${port}`),
    ].join('\n')
  }
}

import type { AnnouncedMac } from '../../announced-macs.ts'
import { formatNumbers } from '../ranges.ts'
import type { CliConfig, CliPort } from './config.ts'
import { readList } from './config.ts'
import type { Dialect, Shell } from './dialect.ts'
import { Refused } from './model.ts'

const INVALID = '% Error: Unrecognized command.'

/** Dell SmartFabric OS10, of its user guide: memberships stand under the port; lists of a trunk are added to. */
export const os10: Dialect = {
  name: 'os10',
  rule: 'access-beside-list',
  ports: ['ethernet1/1/1', 'ethernet1/1/2', 'ethernet1/1/3'],
  begin: 'exec',
  pages: true,
  busy: '% Error: Configuration database is locked by another session.',
  prompt: ({ host, mode, at }) => {
    if (mode === 'exec') return `${host}# `
    if (mode === 'if')
      return `${host}(conf-if-${at.replace('ethernet', 'eth').replace('port-channel', 'po-')})# `
    return mode === 'vlan' ? `${host}(conf-if-vl-${at})# ` : `${host}(config)# `
  },
  run: (line, shell) => {
    const text = line.trim().replaceAll(/\s+/g, ' ')
    if (text === '') return ''
    return shell.mode === 'exec' ? exec(text, shell) : configure(text, shell)
  },
}

function exec(text: string, shell: Shell): string {
  const { model } = shell
  if (text === 'terminal length 0') {
    shell.paging = false
    return ''
  }
  if (text === 'configure terminal') {
    shell.mode = 'config'
    return ''
  }
  if (text === 'show running-configuration') return configText(model.running)
  if (text === 'show startup-configuration') {
    return model.startup ? configText(model.startup) : '% Error: No startup configuration found'
  }
  const macs = /^show mac address-table interface (ethernet|port-channel) ?(\S+)$/.exec(text)
  if (macs) {
    const port = `${macs[1]}${macs[2]}`
    const rows = model.learned(port).map(({ mac, vlan }) => `${vlan}   ${mac}   dynamic   ${port}`)
    return ['VlanId  Mac Address        Type      Interface', ...rows].join('\n')
  }
  if (text === 'show lldp neighbors detail') return model.announced().map(neighbour).join('')
  if (text === 'write memory' || text === 'copy running-configuration startup-configuration') {
    model.save()
    return ''
  }
  throw new Refused(INVALID)
}

function neighbour({ port, mac, ttl }: AnnouncedMac): string {
  return `${'-'.repeat(72)}
Remote Chassis ID Subtype: Mac address (4)
Remote Chassis ID: ${mac}
Remote Port Subtype: Mac address (3)
Remote Port ID: ${mac}
Remote Port Description: Not Advertised
Local Port ID: ${port}
Remote System Name: Not Advertised
Remote TTL: ${ttl}
`
}

function configure(text: string, shell: Shell): string {
  if (text === 'end') shell.mode = 'exec'
  else if (text === 'exit') shell.mode = shell.mode === 'config' ? 'exec' : 'config'
  else if (/^interface vlan ?\d+$/.test(text)) enterVlan(Number(text.replace(/\D/g, '')), shell)
  else if (/^interface ethernet ?[\d/:]+$/.test(text)) {
    const port = text.slice('interface '.length).replace(' ', '')
    if (!shell.model.running.ports.has(port)) throw new Refused(`% Error: Invalid interface ${port}.`)
    shell.mode = 'if'
    shell.at = port
  } else if (/^interface port-channel ?\d+$/.test(text)) {
    enterChannel(Number(text.replace(/\D/g, '')), shell)
  } else if (shell.mode === 'vlan' && /^description \S+$/.test(text)) {
    shell.model.change(({ vlans }) => void vlans.set(Number(shell.at), text.slice('description '.length)))
  } else if (shell.mode === 'if') portLine(text, shell)
  else throw new Refused(INVALID)
  return ''
}

function enterVlan(vlan: number, shell: Shell): void {
  if (vlan < 1 || vlan > 4093) throw new Refused('% Error: Value not in range 1..4093.')
  if (!shell.model.running.vlans.has(vlan)) {
    shell.model.change(({ vlans }) => void vlans.set(vlan, null))
  }
  shell.mode = 'vlan'
  shell.at = String(vlan)
}

/** A new one is up, an access port of the default VLAN, and without members. */
function enterChannel(group: number, shell: Shell): void {
  if (group < 1 || group > 128) throw new Refused('% Error: Value not in range 1..128.')
  const name = `port-channel${group}`
  if (!shell.model.running.ports.has(name)) {
    shell.model.change(({ ports }) => {
      const factory = { layer2: true, mode: 'access', access: 1, native: 1, shutdown: false } as const
      ports.set(name, { ...factory, allowed: new Set() })
    })
  }
  shell.mode = 'if'
  shell.at = name
}

/** Of LACP; null: it is another line. */
function channelLine(text: string, at: string): ((port: CliPort, config: CliConfig) => void) | null {
  const isChannel = at.startsWith('port-channel')
  const [, group = '', mode] = /^channel-group (\d+) mode (active|passive|on)$/.exec(text) ?? []
  if (!isChannel && (mode === 'active' || mode === 'passive' || mode === 'on')) {
    return (port, { ports }) => {
      if (!ports.has(`port-channel${group}`))
        throw new Refused(`% Error: port-channel${group} does not exist.`)
      if (port.channel) throw new Refused('% Error: Port is already a member of a port-channel.')
      port.channel = { group: Number(group), mode }
    }
  }
  if (!isChannel && text === 'no channel-group') return (port) => void delete port.channel
  if (isChannel && text === 'lacp fallback enable')
    return (port) => {
      port.fallback = 'static'
    }
  if (isChannel && text === 'no lacp fallback enable') return (port) => void delete port.fallback
  return null
}

function portLine(text: string, shell: Shell): unknown {
  const edit = (work: (port: CliPort, config: CliConfig) => void) =>
    shell.model.change((config) => {
      const port = config.ports.get(shell.at)
      if (port) work(port, config)
    })
  if (text === 'shutdown' || text === 'no shutdown') {
    return edit((port) => {
      port.shutdown = text === 'shutdown'
    })
  }
  const ofChannel = channelLine(text, shell.at)
  if (ofChannel) return edit(ofChannel)
  const member = shell.model.running.ports.get(shell.at)?.channel
  if (member && text.includes('switchport'))
    throw new Refused(`% Error: Port is a member of port-channel${member.group}.`)
  const mode = /^switchport mode (access|trunk)$/.exec(text)?.[1]
  if (mode === 'access' || mode === 'trunk') {
    return edit((port) => {
      port.mode = mode
      if (mode === 'access') port.allowed.clear()
    })
  }
  const access = /^(no )?switchport access vlan(?: (\d+))?$/.exec(text)
  if (access) {
    const vlan = access[1] === undefined ? Number(access[2]) : null
    return edit((port, { vlans }) => {
      if (vlan !== null && !vlans.has(vlan)) throw new Refused(`% Error: Vlan ${vlan} does not exist.`)
      if (vlan !== null && port.allowed.has(vlan))
        throw new Refused(`% Error: Port is tagged in vlan ${vlan}.`)
      // An access port is always in a VLAN: the default one.
      port.access = vlan ?? (port.mode === 'access' ? 1 : null)
    })
  }
  const allowed = /^(no )?switchport trunk allowed vlan ([\d,-]+)$/.exec(text)
  const listed = readList(allowed?.[2] ?? '')
  if (!allowed || listed === null) throw new Refused(INVALID)
  return edit((port, { vlans }) => {
    if (port.mode !== 'trunk') throw new Refused('% Error: Port is in access mode.')
    for (const vlan of listed) {
      if (!vlans.has(vlan)) throw new Refused(`% Error: Vlan ${vlan} does not exist.`)
      if (port.access === vlan) throw new Refused(`% Error: Port is untagged in vlan ${vlan}.`)
      if (allowed[1] === undefined) port.allowed.add(vlan)
      else if (!port.allowed.delete(vlan)) throw new Refused(`% Error: Port is not tagged in vlan ${vlan}.`)
    }
  })
}

function configText(config: CliConfig): string {
  const lines = ['! Version 10.5.4.0', 'hostname OS10', 'username admin password **** role sysadmin']
  for (const [vlan, description] of config.vlans) {
    lines.push('!', `interface vlan${vlan}`)
    if (description !== null) lines.push(` description ${description}`)
    lines.push(' no shutdown')
  }
  for (const [name, port] of config.ports) {
    lines.push('!', `interface ${name}`, port.shutdown ? ' shutdown' : ' no shutdown')
    if (port.channel) lines.push(` channel-group ${port.channel.group} mode ${port.channel.mode}`)
    if (!port.layer2 || port.channel) {
      lines.push(' no switchport')
      continue
    }
    if (port.fallback) lines.push(' lacp fallback enable')
    if (port.mode === 'trunk') lines.push(' switchport mode trunk')
    if (port.access !== null) lines.push(` switchport access vlan ${port.access}`)
    const listed = formatNumbers([...port.allowed].sort((a, b) => a - b))
    if (listed !== '') lines.push(` switchport trunk allowed vlan ${listed}`)
    lines.push(' flowcontrol receive off')
  }
  return lines.join('\n')
}

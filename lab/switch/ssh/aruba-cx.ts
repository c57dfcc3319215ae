import { formatNumbers } from '../ranges.ts'
import type { CliConfig, CliPort } from './config.ts'
import { ALL_VLANS, readList } from './config.ts'
import type { Dialect, Shell } from './dialect.ts'
import { Refused } from './model.ts'

/** AOS-CX, of its VLAN guide: `vlan trunk native` allows every VLAN, and so does a list that is emptied. */
export const arubaCx: Dialect = {
  name: 'aos-cx',
  rule: 'native-in-list',
  ports: ['1/1/1', '1/1/2', '1/1/3'],
  begin: 'exec',
  pages: true,
  busy: 'Cannot execute command: the configuration is locked by another session.',
  rest: () => ({ native: null, allowed: new Set() }),
  prompt: ({ host, mode, at }) => {
    if (mode === 'exec') return `${host}# `
    if (mode === 'vlan') return `${host}(config-vlan-${at})# `
    return mode === 'if' ? `${host}(config-if)# ` : `${host}(config)# `
  },
  run: (line, shell) => {
    const text = line.trim().replaceAll(/\s+/g, ' ')
    if (text === '') return ''
    return shell.mode === 'exec' ? exec(text, shell) : configure(text, shell)
  },
}

function invalid(text: string): Refused {
  return new Refused(`Invalid input: ${text}`)
}

function exec(text: string, shell: Shell): string {
  const { model } = shell
  if (text === 'no page') {
    shell.paging = false
    return ''
  }
  if (text === 'configure terminal') {
    shell.mode = 'config'
    return ''
  }
  if (text === 'show running-config') return `Current configuration:\n${configText(model.running)}`
  if (text === 'show startup-config') {
    return model.startup
      ? `Startup configuration:\n${configText(model.startup)}`
      : 'No startup configuration exists.'
  }
  if (text === 'write memory') {
    model.save()
    return 'Copying configuration: [Success]'
  }
  const port = /^show mac-address-table port (\S+)$/.exec(text)?.[1]
  if (port === undefined) throw invalid(text)
  const { untagged } = model.membership(port)
  if (untagged === null) return 'No MAC entries found.'
  return [
    'MAC age-time            : 300 seconds',
    'Number of MAC addresses : 1',
    '',
    'MAC Address          VLAN     Type                      Port',
    '--------------------------------------------------------------',
    `52:54:00:aa:bb:01    ${untagged}      dynamic                   ${port}`,
  ].join('\n')
}

function configure(text: string, shell: Shell): string {
  const vlan = /^vlan (\d+)$/.exec(text)?.[1]
  const port = /^interface (\d+\/\d+\/\d+)$/.exec(text)?.[1]
  if (text === 'end') shell.mode = 'exec'
  else if (text === 'exit') shell.mode = shell.mode === 'config' ? 'exec' : 'config'
  else if (vlan !== undefined) enterVlan(Number(vlan), shell)
  else if (port !== undefined) {
    if (!shell.model.running.ports.has(port)) throw new Refused(`Interface ${port} does not exist.`)
    shell.mode = 'if'
    shell.at = port
  } else if (shell.mode === 'vlan' && /^name \S{1,32}$/.test(text)) {
    shell.model.change(({ vlans }) => void vlans.set(Number(shell.at), text.slice('name '.length)))
  } else if (shell.mode === 'if') portLine(text, shell)
  else throw invalid(text)
  return ''
}

function enterVlan(vlan: number, shell: Shell): void {
  if (vlan < 1 || vlan > 4094) throw new Refused(`Invalid input: ${vlan}`)
  if (!shell.model.running.vlans.has(vlan)) shell.model.change(({ vlans }) => void vlans.set(vlan, null))
  shell.mode = 'vlan'
  shell.at = String(vlan)
}

function portLine(text: string, shell: Shell): void {
  const edit = (work: (port: CliPort, config: CliConfig) => void) =>
    shell.model.change((config) => {
      const port = config.ports.get(shell.at)
      if (port) work(port, config)
    })
  if (text === 'shutdown' || text === 'no shutdown') {
    edit((port) => {
      port.shutdown = text === 'shutdown'
    })
    return
  }
  const single = /^vlan (access|trunk native) (\d+)$/.exec(text)
  const list = /^(no )?vlan trunk allowed (all|[\d,-]+)$/.exec(text)
  const listed = list?.[2] === 'all' ? ALL_VLANS : readList(list?.[2] ?? '')
  if (!single && (!list || listed === null)) throw invalid(text)
  edit((port, { vlans }) => {
    if (!port.layer2) throw new Refused('Cannot execute command: routing is enabled on the interface.')
    const unknown = [...(single ? [Number(single[2])] : listed === ALL_VLANS ? [] : (listed ?? []))].find(
      (vlan) => !vlans.has(vlan),
    )
    if (unknown !== undefined && list?.[1] === undefined) throw new Refused(`VLAN ${unknown} does not exist.`)
    if (single?.[1] === 'access') toAccess(port, Number(single[2]))
    else if (single) toTrunk(port, Number(single[2]))
    else if (list?.[1] === undefined) allow(port, listed ?? [])
    else forbid(port, listed ?? [])
  })
}

function toAccess(port: CliPort, vlan: number): void {
  port.mode = 'access'
  port.access = vlan
  port.native = null
  port.allowed.clear()
}

function toTrunk(port: CliPort, native: number): void {
  port.mode = 'trunk'
  port.native = native
  port.access = null
  port.allowed = new Set(ALL_VLANS)
}

function allow(port: CliPort, vlans: readonly number[]): void {
  if (port.mode === 'access') toTrunk(port, 1)
  if (port.allowed.size === ALL_VLANS.length) port.allowed.clear()
  for (const vlan of vlans) port.allowed.add(vlan)
}

function forbid(port: CliPort, vlans: readonly number[]): void {
  if (port.mode === 'access') throw new Refused('Cannot execute command: the interface is no trunk.')
  for (const vlan of vlans) port.allowed.delete(vlan)
  if (port.allowed.size === 0) port.allowed = new Set(ALL_VLANS)
}

function configText(config: CliConfig): string {
  const lines = [
    '!',
    '!Version ArubaOS-CX FL.10.13.1000',
    '!export-password: default',
    'hostname switch',
    '!',
  ]
  lines.push(`vlan ${formatNumbers([...config.vlans.keys()].sort((a, b) => a - b))}`)
  for (const [vlan, name] of config.vlans) if (name) lines.push(`vlan ${vlan}`, `    name ${name}`)
  for (const [name, port] of config.ports) {
    const said = [port.shutdown ? 'shutdown' : 'no shutdown', ...(port.layer2 ? switching(port) : routed)]
    lines.push(`interface ${name}`, ...said.map((line) => `    ${line}`))
  }
  return lines.join('\n')
}

const routed = ['routing', 'ip address 192.0.2.1/31']

function switching(port: CliPort): string[] {
  if (port.mode === 'access') return ['no routing', `vlan access ${port.access}`]
  const list = formatNumbers([...port.allowed].sort((a, b) => a - b))
  return [
    'no routing',
    `vlan trunk native ${port.native}`,
    `vlan trunk allowed ${port.allowed.size === ALL_VLANS.length ? 'all' : list}`,
  ]
}

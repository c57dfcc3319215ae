import type { CliConfig, CliPort } from './config.ts'
import { ALL_VLANS, clonedConfig, readList } from './config.ts'
import type { Dialect, Shell } from './dialect.ts'
import { Refused } from './model.ts'

const syntax = '                ^\nsyntax error.'

/** Junos with Enhanced Layer 2 Software, of its CLI guide: a private candidate, and a commit that checks it. */
export const junos: Dialect = {
  name: 'junos',
  rule: 'native-in-list',
  ports: ['xe-0/0/1', 'xe-0/0/2', 'xe-0/0/3'],
  begin: 'exec',
  pages: true,
  busy: 'error: configuration database locked by:\n  root terminal p0 (pid 1234) on since 2026-11-26 08:00:00 UTC',
  prompt: ({ user, host, mode }) =>
    mode === 'exec' ? `{master:0}\n${user}@${host}> ` : `{master:0}[edit]\n${user}@${host}# `,
  run: (line, shell) => {
    const text = line.trim().replaceAll(/\s+/g, ' ')
    if (text === '') return ''
    return shell.mode === 'exec' ? operate(text, shell) : configure(text, shell)
  },
}

function operate(text: string, shell: Shell): string {
  const { model } = shell
  if (text === 'set cli complete-on-space off') return 'Disabling complete-on-space'
  if (text === 'set cli screen-width 0') return 'Screen width set to 0'
  if (text === 'set cli screen-length 0') {
    shell.paging = false
    return 'Screen length set to 0'
  }
  if (text === 'configure private') {
    shell.mode = 'config'
    shell.candidate = clonedConfig(model.running)
    return 'warning: uncommitted changes will be discarded on exit\nEntering configuration mode'
  }
  const show =
    /^show configuration (interfaces|vlans)((?: \| (?:display inheritance|display set|no-more))*)$/.exec(text)
  if (show?.[2]?.includes('display set')) {
    return show[1] === 'vlans' ? vlanLines(model.running) : portLines(model.running)
  }
  const macs = /^show ethernet-switching table interface (\S+)$/.exec(text)
  if (macs) {
    const { untagged } = model.membership(macs[1] ?? '')
    const name = untagged === null ? null : model.running.vlans.get(untagged)
    const row = name ? [`   ${name}    52:54:00:aa:bb:01   D        -   ${macs[1]}.0      0       0`] : []
    return ['   Vlan                MAC                 MAC      Age    Logical', ...row].join('\n')
  }
  throw new Refused(syntax)
}

function configure(text: string, shell: Shell): string {
  const { model, candidate } = shell
  if (!candidate) throw new Error('no candidate')
  if (text === 'exit configuration-mode') {
    shell.mode = 'exec'
    shell.candidate = null
    return 'Exiting configuration mode'
  }
  if (text === 'commit') {
    check(candidate)
    model.change((config) => {
      config.ports = clonedConfig(candidate).ports
      config.vlans = clonedConfig(candidate).vlans
    })
    model.save()
    return 'commit complete'
  }
  const show = /^show (interfaces|vlans)((?: \| (?:display inheritance|display set|no-more))*)$/.exec(text)
  if (show?.[2]?.includes('display set')) {
    return show[1] === 'vlans' ? vlanLines(candidate) : portLines(candidate)
  }
  const statement = /^(set|delete) (interfaces|vlans) (\S+)(?: (.+))?$/.exec(text)
  if (!statement) throw new Refused(syntax)
  const [, verb = '', , name = '', rest = ''] = statement
  return (
    model.line(() =>
      statement[2] === 'vlans' ? vlan(candidate, verb, name, rest) : port(candidate, verb, name, rest),
    ) ?? ''
  )
}

function vlan({ vlans }: CliConfig, verb: string, name: string, rest: string): string {
  const number = Number(/^vlan-id (\d+)$/.exec(rest)?.[1])
  if (verb !== 'set' || Number.isNaN(number)) throw new Refused(syntax)
  if (number < 1 || number > 4094) throw new Refused(`error: Value ${number} is not within range (1..4094)`)
  vlans.set(number, name)
  return ''
}

function port(config: CliConfig, verb: string, name: string, rest: string): string {
  if (!/^(?:ge|xe|et)-\d+\/\d+\/\d+$/.test(name))
    throw new Refused(`error: invalid interface type in '${name}'`)
  // Junos takes statements of ports that are not there: they wait for one.
  const known: CliPort = config.ports.get(name) ?? {
    layer2: true,
    mode: 'access',
    access: null,
    native: null,
    allowed: new Set(),
    shutdown: false,
  }
  config.ports.set(name, known)
  if (verb === 'delete') return deletion(known, rest)
  const mode = /^unit 0 family ethernet-switching interface-mode (access|trunk)$/.exec(rest)?.[1]
  const members = /^unit 0 family ethernet-switching vlan members ([\d-]+)$/.exec(rest)?.[1]
  const native = /^native-vlan-id (\d+)$/.exec(rest)?.[1]
  if (mode === 'access' || mode === 'trunk') known.mode = mode
  else if (native !== undefined) known.native = Number(native)
  else if (rest === 'disable') known.shutdown = true
  else if (members !== undefined) {
    const listed = readList(members)
    if (listed === null) throw new Refused('error: invalid VLAN range')
    for (const number of listed) known.allowed.add(number)
  } else throw new Refused(syntax)
  known.access = [...known.allowed][0] ?? null
  return ''
}

function deletion(known: CliPort, rest: string): string {
  const missing = 'warning: statement not found'
  if (rest === 'native-vlan-id') {
    const was = known.native
    known.native = null
    return was === null ? missing : ''
  }
  if (rest === 'disable') {
    const was = known.shutdown
    known.shutdown = false
    return was ? '' : missing
  }
  if (rest !== 'unit 0 family ethernet-switching vlan') throw new Refused(syntax)
  const was = known.allowed.size
  known.allowed.clear()
  known.access = null
  return was === 0 ? missing : ''
}

/** What a commit finds. */
function check(config: CliConfig): void {
  const failed = (port: string, said: string) =>
    new Refused(
      `[edit interfaces ${port} unit 0 family ethernet-switching]\n  '${port}.0'\n    ${said}\nerror: configuration check-out failed`,
    )
  for (const [name, port] of config.ports) {
    if (port.mode === 'access' && port.allowed.size > 1) {
      throw failed(name, 'Access interface cannot be part of more than one VLAN')
    }
    if (port.allowed.size === ALL_VLANS.length) continue
    const unknown = [...port.allowed].find((number) => !config.vlans.has(number))
    if (unknown !== undefined) throw failed(name, `VLAN with tag ${unknown} does not exist`)
  }
}

function vlanLines({ vlans }: CliConfig): string {
  return [...vlans].map(([number, name]) => `set vlans ${name ?? `v${number}`} vlan-id ${number}`).join('\n')
}

function portLines(config: CliConfig): string {
  const lines: string[] = []
  for (const [name, port] of config.ports) {
    const say = (text: string) => lines.push(`set interfaces ${name} ${text}`)
    if (port.shutdown) say('disable')
    if (!port.layer2) {
      say('unit 0 family inet address 192.0.2.1/31')
      continue
    }
    if (port.native !== null) say(`native-vlan-id ${port.native}`)
    say(`unit 0 family ethernet-switching interface-mode ${port.mode}`)
    for (const number of [...port.allowed].sort((a, b) => a - b)) {
      say(`unit 0 family ethernet-switching vlan members ${number}`)
    }
  }
  return lines.join('\n')
}

import type { CliConfig } from './config.ts'
import { clonedConfig } from './config.ts'
import type { Dialect, Shell } from './dialect.ts'
import { Refused } from './model.ts'
import { listed, type PermitMake, permitLine, portLines } from './permit.ts'

const make: PermitMake = {
  permit: 'allow-pass',
  port: (text) => (/^10GE ?(\d+\/\d+\/\d+)$/.test(text) ? text.replace(' ', '') : null),
  unrecognized: "           ^\nError: Unrecognized command found at '^' position.",
  tooMany: "           ^\nError: Too many parameters found at '^' position.",
  reserved: (vlan) => (vlan >= 4064 ? `Error: VLAN ${vlan} is reserved for internal use.` : null),
}

/** Logins that are asked nothing. */
const machines = new WeakSet<Shell>()
/** Logins with lines that are not committed. */
const dirty = new WeakSet<Shell>()

/** Huawei CloudEngine with VRP 8, of its command reference: lines count after `commit`. */
export const vrp: Dialect = {
  name: 'vrp',
  rule: 'native-in-list',
  ports: ['10GE1/0/1', '10GE1/0/2', '10GE1/0/3'],
  begin: 'exec',
  pages: true,
  busy: 'Error: The system is busy. Please try again later.',
  rest: (pxeVlan) => ({ mode: 'trunk', access: null, native: pxeVlan, allowed: new Set([pxeVlan]) }),
  prompt: (shell) => {
    const { host, mode, at } = shell
    if (mode === 'exec') return `<${host}>`
    const sign = dirty.has(shell) ? '*' : '~'
    if (mode === 'system') return `[${sign}${host}]`
    return `[${sign}${host}-${mode === 'vlan' ? `vlan${at}` : at}]`
  },
  run: (line, shell) => {
    const text = line.trim().replaceAll(/\s+/g, ' ')
    if (text === '') return ''
    return shell.mode === 'exec' ? exec(text, shell) : configure(text, shell)
  },
}

function exec(text: string, shell: Shell): string {
  const { model } = shell
  if (text === 'screen-length 0 temporary') {
    shell.paging = false
    return 'Info: The configuration takes effect on the current user terminal interface only.'
  }
  if (text === 'mmi-mode enable') {
    machines.add(shell)
    return ''
  }
  if (text === 'system-view') {
    shell.mode = 'system'
    shell.candidate = clonedConfig(model.running)
    return 'Enter system view, return user view with return command.'
  }
  if (text === 'display current-configuration') return configText(model.running)
  if (text === 'display saved-configuration') {
    return model.startup ? configText(model.startup) : 'Error: The startup configuration does not exist.'
  }
  if (text === 'save') {
    if (!machines.has(shell)) throw new Refused('Are you sure to continue? [Y/N]:')
    model.save()
    return 'Info: Please input the file name ( *.cfg, *.zip, *.dat ): done.\nInfo: Save the configuration successfully.'
  }
  const port = make.port(/^display mac-address interface (.+)$/.exec(text)?.[1] ?? '')
  if (port === null) throw new Refused(make.unrecognized)
  const { untagged } = model.membership(port)
  return [
    'Flags: * - Backup',
    'MAC Address    VLAN/VSI/BD   Learned-From        Type                Age',
    '-------------------------------------------------------------------------------',
    ...(untagged === null
      ? []
      : [`5254-00aa-bb01 ${untagged}/-/-       ${port}           dynamic             7`]),
  ].join('\n')
}

function configure(text: string, shell: Shell): string {
  const { model, candidate } = shell
  if (!candidate) throw new Error('no candidate')
  if (text === 'return') {
    if (dirty.has(shell))
      throw new Refused('Warning: Uncommitted configurations found. Are you sure to commit them? [Y/N/C]:')
    shell.mode = 'exec'
    shell.candidate = null
    return ''
  }
  if (text === 'display configuration candidate merge') return configText(candidate)
  if (text === 'commit') {
    model.change((config) => {
      config.ports = clonedConfig(candidate).ports
      config.vlans = clonedConfig(candidate).vlans
    })
    dirty.delete(shell)
    return 'Committing...done.'
  }
  if (/^(?:interface .+|quit)$/.test(text)) {
    permitLine(text, shell, candidate, make)
    return ''
  }
  model.line(() => {
    const next = clonedConfig(candidate)
    permitLine(text, shell, next, make)
    shell.candidate = next
    dirty.add(shell)
  })
  return ''
}

function configText(config: CliConfig): string {
  const lines = ['!Software Version V200R019C10SPC800', '#', 'sysname switch', '#']
  const batch = [...config.vlans.keys()].filter((vlan) => vlan !== 1)
  lines.push(...listed(batch).map((part) => `vlan batch ${part}`), '#')
  for (const [vlan, name] of config.vlans) if (name) lines.push(`vlan ${vlan}`, ` name ${name}`, '#')
  for (const [name, port] of config.ports) {
    lines.push(`interface ${name}`)
    if (!port.layer2) lines.push(' undo portswitch')
    if (port.layer2) lines.push(...portLines(port, make.permit).map((line) => ` ${line}`))
    if (port.shutdown) lines.push(' shutdown')
    lines.push(' device transceiver 10GBASE-FIBER', '#')
  }
  return [...lines, 'return'].join('\n')
}

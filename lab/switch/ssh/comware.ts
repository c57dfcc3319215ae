import type { CliConfig } from './config.ts'
import type { Dialect, Shell } from './dialect.ts'
import { Refused } from './model.ts'
import { type PermitMake, permitLine, portLines } from './permit.ts'

const make: PermitMake = {
  permit: 'permit',
  port: (text) => (/^Ten-GigabitEthernet ?(\d+\/\d+\/\d+)$/.test(text) ? text.replace(' ', '') : null),
  unrecognized: "                 ^\n % Unrecognized command found at '^' position.",
  tooMany: " % Too many parameters found at '^' position.",
  reserved: () => null,
}

/** HPE Comware 7, of its Layer 2 command references; ports are trunks for good. */
export const comware: Dialect = {
  name: 'comware',
  rule: 'native-in-list',
  ports: ['Ten-GigabitEthernet1/0/1', 'Ten-GigabitEthernet1/0/2', 'Ten-GigabitEthernet1/0/3'],
  begin: 'exec',
  pages: true,
  busy: 'Error: The configuration is being locked by another user.',
  rest: (pxeVlan) => ({ mode: 'trunk', access: null, native: pxeVlan, allowed: new Set([pxeVlan]) }),
  prompt: ({ host, mode, at }) => {
    if (mode === 'exec') return `<${host}>`
    if (mode === 'system') return `[${host}]`
    return `[${host}-${mode === 'vlan' ? `vlan${at}` : at}]`
  },
  run: (line, shell) => {
    const text = line.trim().replaceAll(/\s+/g, ' ')
    if (text === '') return ''
    return shell.mode === 'exec' ? exec(text, shell) : configure(text, shell)
  },
}

function exec(text: string, shell: Shell): string {
  const { model } = shell
  if (text === 'screen-length disable') {
    shell.paging = false
    return ''
  }
  if (text === 'system-view') {
    shell.mode = 'system'
    return 'System View: return to User View with Ctrl+Z.'
  }
  if (text === 'display current-configuration') return configText(model.running)
  if (text === 'display saved-configuration') {
    return model.startup ? configText(model.startup) : 'The saved configuration does not exist.'
  }
  if (text === 'save force') {
    model.save()
    return 'Validating file. Please wait...\nSaved the current configuration to mainboard device successfully.'
  }
  const port = make.port(/^display mac-address interface (.+)$/.exec(text)?.[1] ?? '')
  if (port === null) throw new Refused(make.unrecognized)
  const { untagged } = model.membership(port)
  const row =
    untagged === null
      ? []
      : [`5254-00aa-bb01   ${untagged}        Learned          XGE1/0/1                 Y`]
  return ['MAC Address      VLAN ID    State            Port/Nickname            Aging', ...row].join('\n')
}

function configure(text: string, shell: Shell): string {
  const { model } = shell
  if (text === 'return') {
    shell.mode = 'exec'
    return ''
  }
  // Entering and leaving a view changes nothing, unless it makes a VLAN.
  const moves = /^(?:interface .+|quit)$/.test(text)
  if (moves || model.running.vlans.has(Number(/^vlan (\d+)$/.exec(text)?.[1]))) {
    permitLine(text, shell, model.running, make)
  } else model.change((config) => permitLine(text, shell, config, make))
  return ''
}

function configText(config: CliConfig): string {
  const lines = ['#', ' version 7.1.070, Release 6710', '#', ' sysname switch', '#']
  for (const [vlan, name] of config.vlans) lines.push(`vlan ${vlan}`, ...(name ? [` name ${name}`] : []), '#')
  for (const [name, port] of config.ports) {
    lines.push(`interface ${name}`, ` port link-mode ${port.layer2 ? 'bridge' : 'route'}`)
    if (port.layer2) lines.push(...portLines(port, make.permit).map((line) => ` ${line}`))
    if (port.shutdown) lines.push(' shutdown')
    lines.push('#')
  }
  return [...lines, 'return'].join('\n')
}

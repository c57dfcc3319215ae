import type { CliConfig, CliPort } from './config.ts'
import type { Dialect, Shell } from './dialect.ts'
import { Refused } from './model.ts'

/** SONiC: bash with the click commands of sonic-utilities (config/vlan.py), which know add and del alone. */
export const sonic: Dialect = {
  name: 'sonic',
  rule: 'access-beside-list',
  ports: ['Ethernet0', 'Ethernet4', 'Ethernet8'],
  begin: 'exec',
  pages: false,
  busy: fail('config', 'Failed to get exclusive lock of ConfigDB'),
  prompt: ({ user, host }) => `${user}@${host}:~$ `,
  run: (line, shell) => {
    const text = line.trim()
    if (text === '') return ''
    const before = shell.status
    shell.status = 0
    try {
      return command(text, shell, before)
    } catch (error) {
      shell.status = 2
      throw error
    }
  },
}

function fail(usage: string, said: string): string {
  return `Usage: ${usage} [OPTIONS]\nTry "${usage} -h" for help.\n\nError: ${said}`
}

function command(text: string, shell: Shell, lastStatus: number): string {
  const { model } = shell
  if (text === 'echo $?') return String(lastStatus)
  if (text === 'sudo sonic-cfggen -d --print-data') return configDb(model.running)
  if (text === 'sudo cat /etc/sonic/config_db.json') {
    if (model.startup) return configDb(model.startup)
    throw new Refused('cat: /etc/sonic/config_db.json: No such file or directory')
  }
  if (text === 'sudo config save -y') {
    model.save()
    return 'Running command: /usr/local/bin/sonic-cfggen -d --print-data > /etc/sonic/config_db.json'
  }
  const macs = /^show mac -p (\S+)$/.exec(text)
  if (macs) return macTable(macs[1] ?? '', shell)
  const vlan = /^sudo config vlan add (\d+)$/.exec(text)
  if (vlan) addVlan(Number(vlan[1]), shell)
  const link = /^sudo config interface (shutdown|startup) (\S+)$/.exec(text)
  if (link) {
    edit(shell, link[2] ?? '', (port) => {
      port.shutdown = link[1] === 'shutdown'
    })
  }
  const member = /^sudo config vlan member (add|del) (-u )?(\d+) (\S+)$/.exec(text)
  if (member) changeMember(member, shell)
  if (vlan || link || member) return ''
  shell.status = 127
  throw new Refused(`-bash: ${text.split(' ')[0]}: command not found`)
}

function addVlan(vlan: number, shell: Shell): void {
  const usage = 'config vlan add'
  if (vlan < 2 || vlan > 4094) throw new Refused(fail(usage, `Invalid VLAN ID ${vlan} (2-4094)`))
  shell.model.change(({ vlans }) => {
    if (vlans.has(vlan)) throw new Refused(fail(usage, `Vlan${vlan} already exists.`))
    vlans.set(vlan, null)
  })
}

function edit(shell: Shell, name: string, work: (port: CliPort, config: CliConfig) => void): void {
  shell.model.change((config) => {
    const port = config.ports.get(name)
    if (!port) throw new Refused(fail('config', `${name} does not exist`))
    work(port, config)
  })
}

function changeMember([, verb, untagged, number, name = '']: RegExpExecArray, shell: Shell): void {
  const vlan = Number(number)
  const no = (said: string) => new Refused(fail(`config vlan member ${verb}`, said))
  if (verb === 'del' && untagged !== undefined) throw no('No such option: -u')
  edit(shell, name, (port, { vlans }) => {
    if (!vlans.has(vlan)) throw no(`Vlan${vlan} does not exist`)
    if (!port.layer2) throw no(`${name} is a router interface!`)
    const member = port.access === vlan || port.allowed.has(vlan)
    if (verb === 'del') {
      if (!member) throw no(`${name} is not a member of Vlan${vlan}`)
      if (port.access === vlan) port.access = null
      port.allowed.delete(vlan)
    } else {
      if (member) throw no(`${name} is already a member of Vlan${vlan}`)
      if (untagged !== undefined && port.access !== null) throw no(`${name} is already untagged member!`)
      if (untagged === undefined) port.allowed.add(vlan)
      else port.access = vlan
    }
    port.mode = 'trunk'
  })
}

function macTable(name: string, { model }: Shell): string {
  const { untagged } = model.membership(name)
  const row = untagged === null ? [] : [`    1     ${untagged}  52:54:00:AA:BB:01  ${name}  Dynamic`]
  return [
    '  No.    Vlan  MacAddress         Port       Type',
    '-----  ------  -----------------  ---------  -------',
    ...row,
    `Total number of entries ${row.length}`,
  ].join('\n')
}

function configDb(config: CliConfig): string {
  const members: Record<string, { tagging_mode: string }> = {}
  const ports: Record<string, { lanes: string; admin_status: string }> = {}
  const routed: Record<string, object> = {}
  for (const [name, port] of config.ports) {
    ports[name] = { lanes: '1,2,3,4', admin_status: port.shutdown ? 'down' : 'up' }
    if (!port.layer2) routed[name] = {}
    for (const vlan of port.allowed) members[`Vlan${vlan}|${name}`] = { tagging_mode: 'tagged' }
    if (port.access !== null) members[`Vlan${port.access}|${name}`] = { tagging_mode: 'untagged' }
  }
  const vlans = [...config.vlans.keys()].filter((vlan) => vlan !== 1)
  return JSON.stringify(
    {
      DEVICE_METADATA: { localhost: { hostname: 'sonic' } },
      INTERFACE: routed,
      PORT: ports,
      VLAN: Object.fromEntries(vlans.map((vlan) => [`Vlan${vlan}`, { vlanid: String(vlan) }])),
      VLAN_MEMBER: members,
    },
    null,
    4,
  )
}

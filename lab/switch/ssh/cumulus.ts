import type { CliConfig, CliPort } from './config.ts'
import { clonedConfig, readList } from './config.ts'
import type { Dialect, Shell } from './dialect.ts'
import { type CliModel, Refused } from './model.ts'

/** What a user has pending is kept by the daemon behind the command line: a new login finds it. */
const pending = new WeakMap<CliModel, CliConfig>()

/**
 * Cumulus Linux: bash with NVUE's `nv`. An apply comes into force command by command, as ifupdown2 does it: the new
 * untagged VLAN, then what goes, then what comes.
 */
export const cumulus: Dialect = {
  name: 'cumulus',
  rule: 'native-in-list',
  ports: ['swp1', 'swp2', 'swp3'],
  begin: 'exec',
  pages: false,
  busy: 'Error: the configuration is locked',
  rest: () => ({ native: null, allowed: new Set() }),
  prompt: ({ user, host }) => `${user}@${host}:mgmt:~$ `,
  run: (line, shell) => {
    const text = line.trim().replaceAll(/\s+/g, ' ')
    if (text === '') return ''
    const before = shell.status
    shell.status = 0
    try {
      return text === 'echo $?' ? String(before) : command(text, shell)
    } catch (error) {
      shell.status = 1
      throw error
    }
  },
}

function command(text: string, shell: Shell): string {
  const { model } = shell
  const shown =
    /^nv show (interface|bridge domain br_default) --(applied|pending|startup) -o json \| cat$/.exec(text)
  if (shown) {
    const config = revision(model, shown[2] ?? '')
    return JSON.stringify(shown[1] === 'interface' ? interfaces(config) : bridge(config), null, 2)
  }
  if (text === 'nv show bridge domain br_default mac-table -o json | cat') return macTable(model)
  if (text === 'nv config detach') {
    pending.delete(model)
    return ''
  }
  if (text === 'nv config save') {
    model.save()
    return 'saved [rev_id: applied]'
  }
  if (text === 'nv config apply -y') return apply(model)
  const edit = /^nv (set|unset) (bridge|interface) (.+)$/.exec(text)
  if (!edit) throw new Refused(`Error: Invalid command: ${text}`)
  model.line(() => {
    const next = clonedConfig(pending.get(model) ?? model.running)
    if (edit[2] === 'bridge') bridgeLine(edit[1] ?? '', edit[3] ?? '', next)
    else portLine(edit[1] ?? '', edit[3] ?? '', next)
    pending.set(model, next)
  })
  return ''
}

function revision(model: CliModel, name: string): CliConfig {
  if (name === 'startup') return model.startup ?? { ports: new Map(), vlans: new Map() }
  return name === 'pending' ? (pending.get(model) ?? model.running) : model.running
}

function bridgeLine(verb: string, rest: string, { vlans }: CliConfig): void {
  const listed = readList(/^domain br_default vlan ([\d,-]+)$/.exec(rest)?.[1] ?? '')
  if (verb !== 'set' || listed === null) throw new Refused(`Error: Invalid command: bridge ${rest}`)
  for (const vlan of listed) vlans.set(vlan, null)
}

function portLine(verb: string, text: string, config: CliConfig): void {
  const [name = '', ...words] = text.split(' ')
  const rest = words.join(' ')
  const port = config.ports.get(name)
  if (!port) throw new Refused(`Error: '${name}' is not a known interface`)
  const setting = /^bridge domain br_default(?: (access|untagged|vlan) (\S+))?$/.exec(rest)
  if (rest === 'link state' && verb === 'unset') port.shutdown = false
  else if (rest === 'link state down' && verb === 'set') port.shutdown = true
  else if (setting && verb === 'unset' && setting[1] === undefined) {
    Object.assign(port, { mode: 'access', access: null, native: null, allowed: new Set() })
  } else if (setting?.[1] && verb === 'set') member(port, setting[1], setting[2] ?? '')
  else throw new Refused(`Error: Invalid command: interface ${text}`)
}

function member(port: CliPort, what: string, value: string): void {
  const listed = readList(value)
  if (what === 'untagged' && value === 'none') {
    port.mode = 'trunk'
    return
  }
  if (listed === null) throw new Refused(`Error: '${value}' is not a 'vlan'`)
  if (what === 'vlan') {
    port.mode = 'trunk'
    for (const vlan of listed) port.allowed.add(vlan)
  } else if (what === 'access') {
    port.mode = 'access'
    port.access = listed[0] ?? null
  } else {
    port.mode = 'trunk'
    port.native = listed[0] ?? null
  }
}

function apply(model: CliModel): string {
  const next = pending.get(model)
  if (!next) throw new Refused('Error: there is no pending configuration')
  const invalid = [...next.vlans.keys()].find((vlan) => vlan >= 3725 && vlan <= 3999)
  if (invalid !== undefined) {
    throw new Refused(`Error: Invalid config [rev_id: 2]\n  VLAN ${invalid} is reserved (3725-3999)`)
  }
  const both = [...next.ports.values()].find(({ access, allowed }) => access !== null && allowed.size > 0)
  if (both) throw new Refused('Error: Invalid config [rev_id: 2]\n  access and vlan exclude each other')
  model.line(() => {
    model.put((config) => {
      config.vlans = new Map(next.vlans)
      for (const [name, port] of config.ports) port.shutdown ||= next.ports.get(name)?.shutdown ?? false
    })
    model.put((config) => {
      for (const [name, port] of config.ports) untaggedFirst(port, next.ports.get(name) ?? port)
    })
    model.put((config) => {
      config.ports = clonedConfig(next).ports
    })
  })
  pending.delete(model)
  return 'applied [rev_id: 2]'
}

/** The new untagged VLAN is there, and all that was before. */
function untaggedFirst(port: CliPort, next: CliPort): void {
  const native = next.mode === 'access' ? next.access : next.native
  const was = port.mode === 'access' ? port.access : port.native
  if (native === was || !port.layer2) return
  const there = [...port.allowed, ...(was === null ? [] : [was]), ...(native === null ? [] : [native])]
  Object.assign(port, { mode: 'trunk', access: null, native, allowed: new Set(there) })
}

function interfaces({ ports }: CliConfig): object {
  return Object.fromEntries([
    ['eth0', { ip: { address: { '192.0.2.7/24': {} } }, type: 'eth' }],
    ...[...ports].map(([name, port]) => [name, interfaceOf(port)]),
  ])
}

function interfaceOf(port: CliPort): object {
  const link = { link: { state: port.shutdown ? { down: {} } : { up: {} } }, type: 'swp' }
  if (!port.layer2) return { ...link, ip: { address: { '192.0.2.1/31': {} } } }
  const vlan = Object.fromEntries([...port.allowed].map((one) => [String(one), {}]))
  const domain = port.mode === 'access' ? { access: port.access } : { untagged: port.native ?? 'none', vlan }
  const none = port.mode === 'access' && port.access === null
  return none ? link : { ...link, bridge: { domain: { br_default: domain } } }
}

function bridge({ vlans }: CliConfig): object {
  return { untagged: 1, vlan: Object.fromEntries([...vlans.keys()].map((vlan) => [String(vlan), {}])) }
}

function macTable(model: CliModel): string {
  const rows = [...model.running.ports.keys()].flatMap((name) => {
    const { untagged } = model.membership(name)
    const mac = `52:54:00:aa:bb:0${name.slice('swp'.length)}`
    return untagged === null ? [] : [{ mac, interface: name, vlan: untagged, 'entry-type': 'dynamic' }]
  })
  return JSON.stringify(Object.fromEntries(rows.map((row, index) => [String(index + 1), row])))
}

import { knownPort } from './cli.ts'
import type { SwitchConfig } from './config.ts'
import { DEFAULT_VLAN, members, Refusal, sortedVlans, taggedVlans, untaggedVlan } from './config.ts'
import { byType, portText, vlanText, wholeText } from './config-text.ts'
import type { SwitchModel } from './model.ts'
import { comparePorts, longName, shortName, shortType } from './port-name.ts'
import { formatNumbers, formatPorts } from './ranges.ts'

/** A MAC address that the switch has learned, as the lab's physics says at this instant. */
export interface LearnedMac {
  port: string
  mac: string
  vlan: number
}

export interface LldpNeighbor {
  port: string
  systemName: string
  portId: string
  chassisId: string
}

export interface ShowSources {
  learned: () => readonly LearnedMac[]
  neighbors: () => readonly LldpNeighbor[]
}

/** Answers one show command, given without the word "show", as OS9 9.14 prints it. Throws Refusal if unknown. */
export function show(command: string, model: SwitchModel, sources: ShowSources): string[] {
  const text = command
    .trim()
    .replace(/\s+/g, ' ')
    .replace(/^show /i, '')
  const config = /^(running|startup)-config(?: (?:interface )?(.+))?$/i.exec(text)
  if (config !== null) {
    const kind = config[1]?.toLowerCase() === 'startup' ? 'startup' : 'running'
    return showConfig(kind, config[2], model)
  }
  const switchport = /^interfaces? switchport(?: (.+))?$/i.exec(text)
  if (switchport !== null) return showSwitchport(switchport[1], model.running)
  if (/^vlan(?: brief)?$/i.test(text)) return showVlan(sortedVlans(model.running), model.running)
  const oneVlan = /^vlan id (\d+)$/i.exec(text)
  if (oneVlan !== null) return showVlan([Number(oneVlan[1])], model.running)
  const fdb = /^mac-address-table(?: interface (.+?))?(?: vlan (\d+))?$/i.exec(text)
  if (fdb !== null) return showFdb(fdb[1], fdb[2], model.running, sources.learned())
  if (/^lldp neighbors?$/i.test(text)) return showLldp(model.running, sources.neighbors())
  if (/^version$/i.test(text)) {
    return [
      'Dell Real Time Operating System Software',
      'Dell Operating System Version:  2.0',
      'Dell Application Software Version:  9.14(2.4)',
      'System Type: S4048-ON',
    ]
  }
  throw new Refusal('Invalid input at "^" marker.')
}

function showConfig(kind: 'running' | 'startup', target: string | undefined, model: SwitchModel): string[] {
  const config = kind === 'startup' ? model.startup : model.running
  if (target === undefined) {
    return [...(kind === 'running' ? ['Current Configuration ...'] : []), ...wholeText(config, model.name)]
  }
  const vlan = /^vlan ?(\d+)$/i.exec(target)?.[1]
  if (vlan === undefined) return portText(config, knownPort(config, target))
  if (!config.vlans.has(Number(vlan))) throw new Refusal(`Vlan ${vlan} does not exist.`)
  return vlanText(config, Number(vlan))
}

const SWITCHPORT_CODES = [
  '',
  'Codes:  U - Untagged, T - Tagged',
  '        x - Dot1x untagged, X - Dot1x tagged',
  '        G - GVRP tagged, M - Trunk, H - VSN tagged',
  '        i - Internal untagged, I - Internal tagged, v - VLT untagged, V - VLT tagged',
  '',
]

function showSwitchport(target: string | undefined, config: SwitchConfig): string[] {
  const asked =
    target === undefined ? [...config.ports.keys()].sort(comparePorts) : [knownPort(config, target)]
  // A port in Layer 3 mode has no switchport part, so OS9 leaves it out.
  const ports = asked.filter((port) => config.ports.get(port)?.switchport === true)
  return [...SWITCHPORT_CODES, ...ports.flatMap((port) => switchportBlock(port, config))]
}

function switchportBlock(name: string, config: SwitchConfig): string[] {
  const port = config.ports.get(name)
  if (port === undefined) return []
  const untagged = untaggedVlan(config, name)
  const tagged = taggedVlans(config, name)
  const mode = port.hybrid ? 'Hybrid' : tagged.length > 0 ? 'True' : 'False'
  return [
    `Name: ${longName(port.type, name)}`,
    ...(port.description === null ? [] : [`Description: ${port.description}`]),
    `802.1QTagged: ${mode}`,
    'Vlan membership:',
    'Q       Vlans',
    ...(untagged === null ? [] : [`U       ${untagged}`]),
    ...wrapped('T       ', formatNumbers(tagged)),
    '',
    ...(untagged === null ? [] : [`Native Vlan Id:    ${untagged}.`, '']),
    '',
  ]
}

/** Long lists of VLANs go on in further lines that begin with blanks. */
function wrapped(head: string, list: string): string[] {
  const lines = list.match(/.{1,60}(?:,|$)/g) ?? []
  return lines.map((line, index) => `${index === 0 ? head : ' '.repeat(head.length)}${line}`)
}

const VLAN_CODES = [
  '',
  'Codes: * - Default VLAN, G - GVRP VLANs, R - Remote Port Mirroring VLANs, P - Primary, C - Community, I - Isolated',
  '       O - Openflow, Vx - Vxlan',
  'Q: U - Untagged, T - Tagged',
  '   x - Dot1x untagged, X - Dot1x tagged',
  '   o - OpenFlow untagged, O - OpenFlow tagged',
  '   G - GVRP tagged, M - Vlan-stack',
  '   i - Internal untagged, I - Internal tagged, v - VLT untagged, V - VLT tagged',
  '',
  '    NUM    Status    Description                     Q Ports',
]

function showVlan(ids: readonly number[], config: SwitchConfig): string[] {
  const lines = [...VLAN_CODES]
  for (const id of ids) {
    const vlan = config.vlans.get(id)
    if (vlan === undefined) throw new Refusal(`Vlan ${id} does not exist.`)
    const { untagged, tagged } = members(config, id)
    const rows = [...rowsOf('U', untagged, config), ...rowsOf('T', tagged, config)]
    const up = [...untagged, ...tagged].some((port) => config.ports.get(port)?.shutdown === false)
    const status = up ? 'Active' : 'Inactive'
    const head = `${id === DEFAULT_VLAN ? '*' : ' '}   ${String(id).padEnd(7)}${status.padEnd(10)}${(vlan.description ?? '').slice(0, 31).padEnd(32)}`
    lines.push(
      `${head}${rows[0] ?? ''}`.trimEnd(),
      ...rows.slice(1).map((row) => `${' '.repeat(head.length)}${row}`),
    )
  }
  return lines
}

function rowsOf(letter: string, ports: readonly string[], config: SwitchConfig): string[] {
  return byType(config, ports).map(([type, list]) => `${letter} ${shortType(type)} ${formatPorts(list)}`)
}

function showFdb(
  target: string | undefined,
  vlan: string | undefined,
  config: SwitchConfig,
  learned: readonly LearnedMac[],
): string[] {
  const port = target === undefined ? null : knownPort(config, target)
  // what is heard on a member is learned on its port-channel
  const heard = learned.map((entry) => {
    const channel = config.ports.get(entry.port)?.channel
    return channel === undefined ? entry : { ...entry, port: String(channel) }
  })
  const rows = heard.filter(
    (entry) => (port === null || entry.port === port) && (vlan === undefined || entry.vlan === Number(vlan)),
  )
  return [
    'Codes: *N - VLT Peer Synced MAC',
    'VlanId     Mac Address           Type          Interface        State',
    ...rows.map((entry) => {
      const type = config.ports.get(entry.port)?.type ?? 'tengigabitethernet'
      return ` ${String(entry.vlan).padEnd(9)} ${entry.mac.padEnd(21)} ${'Dynamic'.padEnd(13)} ${shortName(type, entry.port).padEnd(16)} Active`
    }),
  ]
}

function showLldp(config: SwitchConfig, neighbors: readonly LldpNeighbor[]): string[] {
  return [
    ' Loc PortID     Rem Host Name     Rem Port Id                        Rem Chassis Id',
    ` ${'-'.repeat(80)}`,
    '',
    ...neighbors.map((entry) => {
      const type = config.ports.get(entry.port)?.type ?? 'tengigabitethernet'
      return ` ${shortName(type, entry.port).padEnd(14)} ${entry.systemName.padEnd(17)} ${entry.portId.padEnd(34)} ${entry.chassisId}`
    }),
  ]
}

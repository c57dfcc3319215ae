import { refused } from '../https/errors.ts'
import type { PortState } from '../types.ts'
import { FACTORY_VLAN, portState, type Switchport } from './state.ts'
import { parseVlanList } from './vlan-list.ts'

/**
 * The ports of a start-up configuration of EOS or NX-OS: both write one section per interface and leave out what is as
 * from the factory. A routed port carries no VLAN. Null for what a line says and we cannot read.
 */
export function savedPorts(text: string): Map<string, PortState | null> {
  const ports = new Map<string, PortState | null>()
  for (const [name, lines] of sections(text)) ports.set(name, stateOf(lines))
  return ports
}

/** The same for these ports. @throws switch-refused for a port whose lines cannot be read */
export function savedStates(address: string, text: string, ports: readonly string[]): Map<string, PortState> {
  const saved = savedPorts(text)
  return new Map(
    ports.map((port) => {
      const state = saved.get(port)
      if (state === null) throw refused(address, 'show startup-config', `the mode of ${port} is not known`)
      return [port, state ?? factoryPort] as const
    }),
  )
}

/** A port that the start-up configuration does not mention. */
const factoryPort: PortState = portState({
  mode: 'access',
  access: FACTORY_VLAN,
  native: FACTORY_VLAN,
  allowed: [],
  enabled: true,
})

/** Lines by interface, its name without blanks. */
export function sections(text: string): Map<string, string[]> {
  const found = new Map<string, string[]>()
  let lines: string[] | null = null
  for (const line of text.split(/\r?\n/)) {
    const header = /^interface (\S.*)$/i.exec(line)?.[1]
    if (header !== undefined) {
      lines = []
      found.set(header.replaceAll(' ', ''), lines)
    } else if (/^\s/.test(line)) {
      lines?.push(line.trim())
    } else {
      lines = null
    }
  }
  return found
}

function stateOf(lines: readonly string[]): PortState | null {
  const port: Switchport = {
    mode: 'access',
    access: FACTORY_VLAN,
    native: FACTORY_VLAN,
    allowed: parseVlanList('all') ?? [],
    enabled: true,
  }
  for (const line of lines) {
    if (line === 'no switchport') {
      return { mode: 'access', untagged: null, tagged: [], enabled: !lines.includes('shutdown') }
    }
    if (line === 'shutdown') port.enabled = false
    if (!line.startsWith('switchport ')) continue
    if (!readSwitchport(port, line.slice('switchport '.length))) return null
  }
  return portState(port)
}

/** False for a mode or a list that we do not know; lines about other things (port security, …) are passed by. */
function readSwitchport(port: Switchport, line: string): boolean {
  const [, mode] = /^mode (\S+)/.exec(line) ?? []
  if (mode !== undefined) {
    if (mode !== 'access' && mode !== 'trunk') return false
    port.mode = mode
  }
  const [, access] = /^access vlan (\d+)$/.exec(line) ?? []
  if (access !== undefined) port.access = Number(access)
  const [, native] = /^trunk native vlan (\d+|tag)$/.exec(line) ?? []
  if (native !== undefined) port.native = native === 'tag' ? null : Number(native)
  const [, add, list] = /^trunk allowed vlan (add )?(.+)$/.exec(line) ?? []
  if (list === undefined) return true
  const vlans = parseVlanList(list)
  if (vlans === null) return false
  port.allowed = add === undefined ? vlans : [...port.allowed, ...vlans].sort((a, b) => a - b)
  return true
}

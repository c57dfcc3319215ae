import type { SeenConfig, SeenPort } from '../profile.ts'
import { everyVlan, parseVlans, withoutVlan } from '../vlan-list.ts'

interface Port {
  disabled: boolean
  mode: string | null
  native: number | null
  /** Numbers, ranges and names, as they are written. */
  members: string[]
  other: string | null
}

/** A configuration as `| display set` prints it, one statement a line. */
export function parseSet(text: string): SeenConfig {
  const ports = new Map<string, Port>()
  const vlans = new Map<number, string | null>()
  const numbers = new Map<string, number>()
  const port = (name: string): Port => {
    const known = ports.get(name) ?? { disabled: false, mode: null, native: null, members: [], other: null }
    ports.set(name, known)
    return known
  }
  for (const line of text.split('\n')) {
    const vlan = /^set vlans (\S+) vlan-id (\d{1,4})$/.exec(line.trim())
    if (vlan?.[1]) {
      numbers.set(vlan[1], Number(vlan[2]))
      vlans.set(Number(vlan[2]), vlan[1])
    }
    const statement = /^(set|deactivate) interfaces (\S+)(?: (.+))?$/.exec(line.trim())
    if (!statement?.[2] || !/^(?:[a-z]{2,3}-\d+\/\d+\/\d+(?::\d+)?|ae\d+)$/.test(statement[2])) continue
    if (statement[1] === 'deactivate') port(statement[2]).other ??= 'a part of it is deactivated'
    else read(port(statement[2]), statement[3] ?? '')
  }
  return { ports: new Map([...ports].map(([name, one]) => [name, seenPort(one, numbers)])), vlans }
}

function read(port: Port, statement: string): void {
  const words = statement.split(' ')
  const switching = /^unit 0 family ethernet-switching ?(.*)$/.exec(statement)
  if (statement === 'disable' || statement === 'unit 0 disable') port.disabled = true
  else if (words[0] === 'native-vlan-id') port.native = Number(words[1])
  else if (/^(?:gigether-options|ether-options) 802\.3ad/.test(statement)) {
    port.other ??= 'it is a member of an aggregate (ae): name that one in the rack file'
  } else if (/^(?:flexible-vlan-tagging|vlan-tagging|no-native-vlan-insert)/.test(statement)) {
    port.other ??= 'it tags VLANs in its own way'
  } else if (/^unit (?!0 )\d+/.test(statement)) port.other ??= 'it has other units than 0'
  else if (/^unit 0 family (?!ethernet-switching)/.test(statement)) port.other ??= 'it is a routed port'
  else if (switching) {
    const [what, ...rest] = (switching[1] ?? '').split(' ')
    if (what === 'interface-mode') port.mode = rest[0] ?? null
    if (what === 'port-mode') port.other ??= 'its Junos has no Enhanced Layer 2 Software'
    if (what === 'vlan' && rest[0] === 'members') port.members.push(rest.slice(1).join(' '))
  }
}

function seenPort(port: Port, numbers: ReadonlyMap<string, number>): SeenPort {
  let undriven = port.other
  const vlans = new Set<number>()
  for (const member of port.members) {
    const number = numbers.get(member)
    const listed = member === 'all' ? everyVlan : number === undefined ? parseVlans(member) : [number]
    if (listed === null)
      undriven ??= `it is a member of the VLAN "${member.slice(0, 40)}", which has no number`
    for (const vlan of listed ?? []) vlans.add(vlan)
  }
  const allowed = [...vlans].sort((a, b) => a - b)
  const enabled = !port.disabled
  const mode = port.mode ?? 'access'
  if (mode !== 'access' && mode !== 'trunk')
    undriven ??= `its mode is "${mode}", and neither access nor trunk`
  if (mode === 'access' && allowed.length > 1) undriven ??= 'it is an access port of several VLANs'
  if (mode === 'trunk') {
    const native = port.native !== null && allowed.includes(port.native) ? port.native : null
    const tagged = withoutVlan(allowed, native)
    return {
      settings: { mode, access: null, native, allowed, enabled },
      state: { mode, untagged: native, tagged, enabled },
      undriven,
    }
  }
  const access = allowed[0] ?? null
  return {
    settings: { mode: 'access', access, native: null, allowed, enabled },
    state: { mode: 'access', untagged: access, tagged: [], enabled },
    undriven,
  }
}

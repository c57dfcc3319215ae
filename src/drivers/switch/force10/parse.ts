import { XMLParser } from 'fast-xml-parser'
import { z } from 'zod'
import type { Announcement, LearnedMac, PortState } from '../types.ts'
import { canonicalPort, channelName, channelNumber, expandPorts } from './ports.ts'

/** One configuration, running or start-up: both have the same grammar. */
export interface Os9Config {
  /** VLAN of a switchport that is in no other; null where `default-vlan disable` took it away. */
  defaultVlan: number | null
  ports: ReadonlyMap<string, Os9Port>
  /** Port-channels by number, with the members that were given to them without LACP. */
  channels: ReadonlyMap<number, Os9Port & { staticMembers: ReadonlySet<string> }>
  vlans: ReadonlyMap<number, Os9Vlan>
}

interface Os9Port {
  switchport: boolean
  hybrid: boolean
  enabled: boolean
  /** The port-channel that it is a member of by LACP in mode active. */
  channel: number | null
}

interface Os9Vlan {
  description: string | null
  untagged: ReadonlySet<string>
  tagged: ReadonlySet<string>
}

const xml = new XMLParser({
  parseTagValue: false,
  trimValues: false,
  ignoreAttributes: true,
  removeNSPrefix: true,
  htmlEntities: true,
  processEntities: { enabled: true, maxExpandedLength: 16 * 1024 * 1024 },
  isArray: (name) => name === 'command',
})

const answerSchema = z.object({ output: z.object({ command: z.array(z.string()).optional() }) })

/** The text that the CLI printed, out of a REST-CLI answer; null if the answer is not one or is cut short. */
export function parseCliAnswer(body: string): string | null {
  if (body.trim() === '') return ''
  try {
    const answer = answerSchema.safeParse(xml.parse(body, true))
    if (!answer.success) return /<output[^>]*\/>/.test(body) ? '' : null
    return (answer.data.output.command ?? []).join('\n')
  } catch {
    return null
  }
}

/**
 * Reads `show running-config` or `show startup-config`. Lines that are not about ports and VLANs, the echo of the
 * command and prompts are passed over. VLAN membership is printed only under `interface Vlan`, so both kinds of block
 * are needed. Limits: members of a port-channel without LACP read as what their block says, in no VLAN; dot1x, GVRP and
 * vlan-stack memberships are not seen.
 */
export function parseConfig(text: string): Os9Config {
  let defaultVlan: number | null = 1
  const ports = new Map<string, Os9Port>()
  const channels = new Map<number, Os9Port & { staticMembers: Set<string> }>()
  const vlans = new Map<number, { description: string | null; untagged: Set<string>; tagged: Set<string> }>()
  let port: Os9Port | null = null
  let members: Set<string> | null = null
  /** OS9 prints the LACP part of a port after a line "!", which ends the section everywhere else. */
  let before: Os9Port | null = null
  let vlan: { description: string | null; untagged: Set<string>; tagged: Set<string> } | null = null

  for (const raw of text.split(/\r?\n/)) {
    const line = raw.trim()
    if (before && raw.startsWith(' ')) port = before
    before = null
    const header = /^interface\s+(\S.*)$/i.exec(line)
    if (header?.[1] !== undefined) {
      port = null
      vlan = null
      members = null
      const vlanId = /^vlan\s*(\d+)$/i.exec(header[1])?.[1]
      if (vlanId !== undefined) {
        vlan = { description: null, untagged: new Set(), tagged: new Set() }
        vlans.set(Number(vlanId), vlan)
        continue
      }
      // OS9 prints "no shutdown" for a port that is up; a port is born shut down.
      const born = { switchport: false, hybrid: false, enabled: false, channel: null }
      const channel = channelNumber(header[1])
      if (channel !== null) {
        members = new Set()
        const group = { ...born, staticMembers: members }
        channels.set(channel, group)
        port = group
        continue
      }
      const name = portName(header[1])
      if (name === null) continue
      port = born
      ports.set(name, port)
    } else if (line === '!') {
      before = port
      port = null
      vlan = null
    } else if (port) {
      if (line === 'switchport') port.switchport = true
      else if (line === 'portmode hybrid') port.hybrid = true
      else if (line === 'no shutdown') port.enabled = true
      const lacp = /^port-channel (\d+) mode active$/i.exec(line)?.[1]
      if (lacp !== undefined) port.channel = Number(lacp)
      const given = /^channel-member (.+)$/i.exec(line)?.[1]
      if (given !== undefined) for (const name of expandPorts(given)) members?.add(name)
    } else if (vlan) {
      // "!untagged …" under the default VLAN is a remark of the switch; that membership follows from the others.
      const member = /^(untagged|tagged)\s+(.+)$/i.exec(line)
      if (member?.[2] !== undefined) {
        const set = member[1]?.toLowerCase() === 'tagged' ? vlan.tagged : vlan.untagged
        for (const name of expandPorts(member[2])) set.add(name)
      }
      const description = /^(?:description|name)\s+(.+)$/i.exec(line)
      if (description?.[1] !== undefined) vlan.description = description[1]
    } else if (/^default[- ]vlan disable$/i.test(line)) {
      defaultVlan = null
    } else {
      const id = /^default vlan-id (\d+)$/i.exec(line)?.[1]
      if (id !== undefined) defaultVlan = Number(id)
    }
  }
  return { defaultVlan, ports, channels, vlans }
}

/** The state of a port by its canonical name; null if the configuration has no such port. A member's VLANs are its port-channel's. */
export function portState(config: Os9Config, name: string): PortState | null {
  const own = config.ports.get(name)
  if (!own) return null
  const group = own.channel === null ? undefined : config.channels.get(own.channel)
  if (own.channel === null || !group) return stateOf(config, name, own)
  const state = stateOf(config, channelName(own.channel), group)
  return { ...state, enabled: state.enabled && own.enabled, lag: own.channel }
}

function stateOf(config: Os9Config, name: string, port: Os9Port): PortState {
  const tagged: number[] = []
  let member: number | null = null
  for (const [id, vlan] of config.vlans) {
    if (vlan.tagged.has(name)) tagged.push(id)
    if (vlan.untagged.has(name)) member = id
  }
  tagged.sort((a, b) => a - b)
  const untagged = port.switchport ? (member ?? implicitVlan(config, port, tagged)) : null
  return {
    mode: tagged.length > 0 ? 'trunk' : 'access',
    untagged,
    tagged,
    enabled: port.enabled,
    ...(port.switchport && port.hybrid ? {} : { prepared: false }),
  }
}

/** A switchport that is untagged nowhere falls into the default VLAN, unless it is a plain port with tags only. */
function implicitVlan(config: Os9Config, port: Os9Port, tagged: readonly number[]): number | null {
  return port.hybrid || tagged.length === 0 ? config.defaultVlan : null
}

/** `show mac-address-table`, of all ports or of one: VLAN, address, type, interface, state. */
export function parseMacTable(text: string): LearnedMac[] {
  const learned: LearnedMac[] = []
  const row = /^\s*(\d+)\s+((?:[0-9a-f]{2}:){5}[0-9a-f]{2})\s+\S+\s+([a-z]+\s*[\d/]+)\s+\S+/i
  for (const line of text.split(/\r?\n/)) {
    const match = row.exec(line)
    if (!match?.[1] || !match[2] || !match[3]) continue
    const channel = channelNumber(match[3])
    const port = channel === null ? portName(match[3]) : channelName(channel)
    if (port !== null) learned.push({ port, mac: match[2].toLowerCase(), vlan: Number(match[1]) })
  }
  return learned
}

/**
 * `show lldp neighbors`: local port, name of the neighbour's system (`-`: it tells none), its port id, its chassis id. The
 * kind of a port id is not shown, and only MAC addresses are looked for; nor is for how long it is to be believed.
 */
export function parseNeighbours(text: string): Announcement[] {
  const row = /^\s*([a-z]+\s*[\d/]+)\s.*\s((?:[0-9a-f]{2}:){5}[0-9a-f]{2})\s+\S+\s*$/i
  return text.split(/\r?\n/).flatMap((line) => {
    const match = row.exec(line)
    const port = portName(match?.[1] ?? '')
    return port === null || !match?.[2] ? [] : [{ port, mac: match[2].toLowerCase(), ttl: null }]
  })
}

/** Every port-channel with its members, by LACP or without. */
export function channelMembers({ ports, channels }: Os9Config): Map<number, string[]> {
  return new Map(
    [...channels].map(([channel, { staticMembers }]) => [
      channel,
      [...staticMembers, ...[...ports].flatMap(([name, port]) => (port.channel === channel ? [name] : []))],
    ]),
  )
}

/**
 * The lines by which the CLI refuses, `% Error: …`; the HTTP status is 200 all the same. Log lines that `write` lets
 * through (`%STKUNIT0-M:CP %FILEMGR-5-FILESAVED: …`) have no space after the sign.
 */
export function cliRefusals(text: string): string[] {
  return text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => /^%(?:\s*error|\s+(?!warning|info|note))/i.test(line))
}

function portName(text: string): string | null {
  try {
    return canonicalPort(text)
  } catch {
    return null
  }
}

import type { SwitchConfig } from './config.ts'
import {
  addTagged,
  addUntagged,
  ensureChannel,
  ensureVlan,
  joinChannel,
  portOf,
  Refusal,
  removeChannel,
  removeTagged,
  removeUntagged,
  removeVlan,
  setHybrid,
  setSwitchport,
} from './config.ts'
import { parsePortName, shortName } from './port-name.ts'
import { parsePorts } from './ranges.ts'

/** Where the command line stands: CONFIGURATION mode, or inside one interface. */
export type Mode =
  | { at: 'top' }
  | { at: 'vlan'; vlan: number }
  | { at: 'port'; port: string }
  | { at: 'lacp'; port: string }

/** One line was understood: what it does to the configuration, and the mode after it. */
export interface Command {
  edit: (config: SwitchConfig) => void
  next: Mode
  /** False for lines that only move between modes. */
  changes: boolean
}

const INVALID = 'Invalid input at "^" marker.'
const NOTHING = () => {}

/** Parses one line of CONFIGURATION mode. Throws Refusal for what OS9 (or this part of it) does not know. */
export function parseLine(line: string, mode: Mode, config: SwitchConfig): Command {
  const words = line.trim().split(/\s+/)
  const text = words.join(' ')
  if (/^(end|exit)$/i.test(text)) return { edit: NOTHING, next: { at: 'top' }, changes: false }
  const vlan = /^(no )?int(?:erface)? vlan ?(\d+)$/i.exec(text)
  if (vlan !== null) return vlanCommand(Number(vlan[2]), vlan[1] !== undefined, config)
  const channel = /^(no )?int(?:erface)? port-channel ?(\d+)$/i.exec(text)
  if (channel !== null) return channelCommand(Number(channel[2]), channel[1] !== undefined, config)
  const port = /^int(?:erface)? (.+)$/i.exec(text)
  if (port !== null) {
    return { edit: NOTHING, next: { at: 'port', port: knownPort(config, port[1] ?? '') }, changes: false }
  }
  if (mode.at === 'top') throw new Refusal(INVALID)
  if (mode.at === 'port' && /^port-channel-protocol lacp$/i.test(text))
    return { edit: NOTHING, next: { at: 'lacp', port: mode.port }, changes: false }
  if (mode.at === 'lacp') return { edit: lacpLine(text, mode.port), next: mode, changes: true }
  return {
    edit: mode.at === 'vlan' ? vlanLine(text, mode.vlan, config) : portLine(text, mode.port),
    next: mode,
    changes: true,
  }
}

export function prompt(hostname: string, mode: Mode, config: SwitchConfig): string {
  if (mode.at === 'top') return `${hostname}(conf)#`
  if (mode.at === 'vlan') return `${hostname}(conf-if-vl-${mode.vlan})#`
  const type = config.ports.get(mode.port)?.type ?? 'tengigabitethernet'
  const port = shortName(type, mode.port).toLowerCase().replace(' ', '-')
  return `${hostname}(conf-if-${port}${mode.at === 'lacp' ? '-lacp' : ''})#`
}

/** "interface vlan N" makes the VLAN when it is not there yet. */
function vlanCommand(vlan: number, no: boolean, config: SwitchConfig): Command {
  if (no) return { edit: (next) => removeVlan(next, vlan), next: { at: 'top' }, changes: true }
  return {
    edit: (next) => {
      ensureVlan(next, vlan)
    },
    next: { at: 'vlan', vlan },
    changes: !config.vlans.has(vlan),
  }
}

/** "interface port-channel N" makes it when it is not there yet. */
function channelCommand(id: number, no: boolean, config: SwitchConfig): Command {
  if (no) return { edit: (next) => removeChannel(next, id), next: { at: 'top' }, changes: true }
  return {
    edit: (next) => ensureChannel(next, id),
    next: { at: 'port', port: String(id) },
    changes: !config.ports.has(String(id)),
  }
}

/** Below "port-channel-protocol lacp" of a port. */
function lacpLine(text: string, port: string): (config: SwitchConfig) => void {
  const id = /^port-channel (\d+) mode active$/i.exec(text)?.[1]
  if (id === undefined) throw new Refusal(INVALID)
  return (next) => joinChannel(next, port, Number(id))
}

function vlanLine(text: string, vlan: number, config: SwitchConfig): (config: SwitchConfig) => void {
  const member = /^(no )?(untagged|tagged) (.+)$/i.exec(text)
  if (member !== null) {
    const ports = knownPorts(config, member[3] ?? '')
    const change =
      member[2]?.toLowerCase() === 'tagged'
        ? member[1] === undefined
          ? addTagged
          : removeTagged
        : member[1] === undefined
          ? addUntagged
          : removeUntagged
    return (next) => {
      for (const port of ports) change(next, vlan, port)
    }
  }
  const described = description(text)
  if (described !== undefined) {
    return (next) => {
      ensureVlan(next, vlan).description = described
    }
  }
  const shutdown = shutdownLine(text)
  return (next) => {
    ensureVlan(next, vlan).shutdown = shutdown
  }
}

function portLine(text: string, port: string): (config: SwitchConfig) => void {
  const mode = /^(no )?(portmode hybrid|switchport)$/i.exec(text)
  if (mode !== null) {
    const set = mode[2]?.toLowerCase() === 'switchport' ? setSwitchport : setHybrid
    return (next) => set(next, port, mode[1] === undefined)
  }
  if (/^no port-channel-protocol lacp$/i.test(text)) {
    return (next) => {
      delete portOf(next, port).channel
    }
  }
  const described = description(text)
  if (described !== undefined) {
    return (next) => {
      portOf(next, port).description = described
    }
  }
  const shutdown = shutdownLine(text)
  return (next) => {
    portOf(next, port).shutdown = shutdown
  }
}

function description(text: string): string | null | undefined {
  if (/^no description$/i.test(text)) return null
  return /^desc(?:ription)? (.{1,240})$/i.exec(text)?.[1]
}

function shutdownLine(text: string): boolean {
  const match = /^(no )?shut(?:down)?$/i.exec(text)
  if (match === null) throw new Refusal(INVALID)
  return match[1] === undefined
}

export function knownPort(config: SwitchConfig, text: string): string {
  const named = parsePortName(text)
  if (named === null) throw new Refusal(INVALID)
  const port = config.ports.get(named.port)
  if (port === undefined || port.type !== named.type) throw new Refusal(`Port ${text} does not exist.`)
  return named.port
}

/** "TenGigabitEthernet 1/3" or a range of one type, "Te 1/3-5,1/8". */
function knownPorts(config: SwitchConfig, text: string): string[] {
  if (parsePortName(text)?.type === 'portchannel') return [knownPort(config, text)]
  const match = /^([a-z]+)\s*(\d.*)$/i.exec(text)
  const ports = parsePorts(match?.[2] ?? '')
  if (match === null || ports === null) throw new Refusal(INVALID)
  return ports.map((port) => knownPort(config, `${match[1]} ${port}`))
}

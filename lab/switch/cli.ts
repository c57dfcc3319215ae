import type { SwitchConfig } from './config.ts'
import {
  addTagged,
  addUntagged,
  ensureVlan,
  portOf,
  Refusal,
  removeTagged,
  removeUntagged,
  removeVlan,
  setHybrid,
  setSwitchport,
} from './config.ts'
import { parsePortName, shortName } from './port-name.ts'
import { parsePorts } from './ranges.ts'

/** Where the command line stands: CONFIGURATION mode, or inside one interface. */
export type Mode = { at: 'top' } | { at: 'vlan'; vlan: number } | { at: 'port'; port: string }

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
  const port = /^int(?:erface)? (.+)$/i.exec(text)
  if (port !== null) {
    return { edit: NOTHING, next: { at: 'port', port: knownPort(config, port[1] ?? '') }, changes: false }
  }
  if (mode.at === 'top') throw new Refusal(INVALID)
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
  return `${hostname}(conf-if-${shortName(type, mode.port).toLowerCase().replace(' ', '-')})#`
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
  const match = /^([a-z]+)\s*(\d.*)$/i.exec(text)
  const ports = parsePorts(match?.[2] ?? '')
  if (match === null || ports === null) throw new Refusal(INVALID)
  return ports.map((port) => knownPort(config, `${match[1]} ${port}`))
}

import type { CliConfig, CliPort } from './config.ts'
import { ALL_VLANS } from './config.ts'
import { Refused } from './model.ts'

/** Lists take at most ten parts: "1 3 to 5". */
const MOST_PARTS = 10

/** What tells Comware and VRP apart in the views of ports and VLANs. */
export interface PermitMake {
  permit: string
  /** Takes what may be typed, gives the name of the port. */
  port(text: string): string | null
  unrecognized: string
  tooMany: string
  reserved(vlan: number): string | null
}

/** Where a login stands among the views below the system view. */
export interface View {
  mode: string
  at: string
}

/** A line of these views on a configuration. @throws Refused, and nothing has happened */
export function permitLine(text: string, view: View, config: CliConfig, make: PermitMake): void {
  const entered = /^(interface|vlan) (.+)$/.exec(text)
  if (text === 'quit' && view.mode !== 'system') view.mode = 'system'
  else if (entered?.[1] === 'interface') {
    const name = make.port(entered[2] ?? '')
    if (name === null || !config.ports.has(name)) throw new Refused(make.unrecognized)
    view.mode = 'if'
    view.at = name
  } else if (entered) {
    const vlan = Number(entered[2])
    if (!Number.isInteger(vlan) || vlan < 1 || vlan > 4094) throw new Refused(make.unrecognized)
    const reserved = make.reserved(vlan)
    if (reserved !== null) throw new Refused(reserved)
    if (!config.vlans.has(vlan)) config.vlans.set(vlan, null)
    view.mode = 'vlan'
    view.at = String(vlan)
  } else if (view.mode === 'vlan' && /^name \S{1,31}$/.test(text)) {
    config.vlans.set(Number(view.at), text.slice('name '.length))
  } else if (view.mode === 'if') {
    const port = config.ports.get(view.at)
    if (port) portLine(text, port, make)
  } else throw new Refused(make.unrecognized)
}

function portLine(text: string, port: CliPort, make: PermitMake): void {
  if (text === 'shutdown' || text === 'undo shutdown') {
    port.shutdown = text === 'shutdown'
    return
  }
  if (!port.layer2) throw new Refused(make.unrecognized)
  const native = /^port trunk pvid vlan (\d+)$/.exec(text)?.[1]
  const list = new RegExp(`^(undo )?port trunk ${make.permit} vlan (.+)$`).exec(text)
  if (port.mode !== 'trunk') throw new Refused('Error: The port is not a trunk port.')
  if (native !== undefined) port.native = Number(native)
  else if (list) {
    for (const vlan of listOf(list[2] ?? '', make)) {
      if (list[1] === undefined) port.allowed.add(vlan)
      else port.allowed.delete(vlan)
    }
  } else throw new Refused(make.unrecognized)
}

function listOf(text: string, make: PermitMake): readonly number[] {
  if (text === 'all') return ALL_VLANS
  const parts = text.match(/\d+(?: to \d+)?/g) ?? []
  if (parts.join(' ') !== text) throw new Refused(make.unrecognized)
  if (parts.length > MOST_PARTS) throw new Refused(make.tooMany)
  return parts.flatMap((part) => {
    const [from = 0, to = from] = part.split(' to ').map(Number)
    if (from < 1 || to > 4094 || from > to) throw new Refused(make.unrecognized)
    return Array.from({ length: to - from + 1 }, (_, index) => from + index)
  })
}

/** "1 3 to 5" in lines of ten parts. */
export function listed(numbers: Iterable<number>): string[] {
  const parts: string[] = []
  let start = 0
  let end = 0
  const close = () => {
    if (start > 0) parts.push(start === end ? `${start}` : `${start} to ${end}`)
  }
  for (const number of [...numbers].sort((a, b) => a - b)) {
    if (number === end + 1 && start > 0) end = number
    else {
      close()
      start = number
      end = number
    }
  }
  close()
  return parts.flatMap((_, at) => (at % MOST_PARTS === 0 ? [parts.slice(at, at + MOST_PARTS).join(' ')] : []))
}

/** The lines of a port, as these makes print them: what is the default is left out. */
export function portLines(port: CliPort, permit: string): string[] {
  const list = [...port.allowed].filter((vlan) => vlan !== 1)
  return [
    ...(port.mode === 'trunk' ? ['port link-type trunk'] : []),
    ...(port.allowed.has(1) ? [] : [`undo port trunk ${permit} vlan 1`]),
    ...listed(list).map((part) => `port trunk ${permit} vlan ${part}`),
    ...(port.native === 1 ? [] : [`port trunk pvid vlan ${port.native}`]),
  ]
}

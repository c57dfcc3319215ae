/** The names that OS9 uses for one port: `TenGigabitEthernet 1/3` in configuration, `Te 1/3` in tables, `tengig-1-3` in URLs. */

export type PortType = 'gigabitethernet' | 'tengigabitethernet' | 'fortyGigE' | 'portchannel'

interface TypeNames {
  long: string
  short: string
  url: string
}

const NAMES: Record<PortType, TypeNames> = {
  gigabitethernet: { long: 'GigabitEthernet', short: 'Gi', url: 'gige' },
  tengigabitethernet: { long: 'TenGigabitEthernet', short: 'Te', url: 'tengig' },
  fortyGigE: { long: 'fortyGigE', short: 'Fo', url: 'fortygig' },
  // several ports as one, named by a number alone
  portchannel: { long: 'Port-channel', short: 'Po', url: 'portchannel' },
}

export const PORT_TYPES = Object.keys(NAMES) as PortType[]

export function longName(type: PortType, port: string): string {
  return `${NAMES[type].long} ${port}`
}

export function shortName(type: PortType, port: string): string {
  return `${NAMES[type].short} ${port}`
}

export function urlName(type: PortType, port: string): string {
  return `${NAMES[type].url}-${port.replaceAll('/', '-')}`
}

export function longType(type: PortType): string {
  return NAMES[type].long
}

export function shortType(type: PortType): string {
  return NAMES[type].short
}

/**
 * Reads a port as typed on the command line: any unambiguous beginning of the type, with or without a blank
 * ("te1/3", "TenGigabitEthernet 1/3"), case ignored as OS9 does.
 */
export function parsePortName(text: string): { type: PortType; port: string } | null {
  const channel = /^(?:po|port-channel)\s*(\d+)$/i.exec(text.trim())?.[1]
  if (channel !== undefined) return { type: 'portchannel', port: channel }
  const match = /^([a-z]+)\s*(\d+(?:\/\d+)+)$/i.exec(text.trim())
  const word = match?.[1]?.toLowerCase()
  const port = match?.[2]
  if (word === undefined || port === undefined || word.length < 2) return null
  const types = PORT_TYPES.filter((type) => NAMES[type].long.toLowerCase().startsWith(word))
  const type = types[0]
  return type === undefined || types.length > 1 ? null : { type, port }
}

/** Reads a port as REST writes it in URLs: "tengig-1-3". */
export function parseUrlName(text: string): { type: PortType; port: string } | null {
  const match = /^([a-z]+)-(\d+(?:-\d+)+)$/.exec(text)
  const type = PORT_TYPES.find((candidate) => NAMES[candidate].url === match?.[1])
  const port = match?.[2]?.replaceAll('-', '/')
  return type === undefined || port === undefined ? null : { type, port }
}

/** Numbers of a port's name; every answer of a switch sorts its few hundred names. */
const numbers = new Map<string, readonly number[]>()

function numbersOf(port: string): readonly number[] {
  const known = numbers.get(port)
  if (known !== undefined) return known
  const read = port.split('/').map(Number)
  numbers.set(port, read)
  return read
}

/** Sorts "1/2" before "1/10". */
export function comparePorts(a: string, b: string): number {
  const left = numbersOf(a)
  const right = numbersOf(b)
  for (const [index, value] of left.entries()) {
    const difference = value - (right[index] ?? 0)
    if (difference !== 0) return difference
  }
  return left.length - right.length
}

import { FerruleError } from '../../../domain/errors.ts'

/** OS9's interface types: the name as the running-config prints it, and every prefix that it or a rack file may use. */
const interfaceTypes: readonly { name: string; prefixes: readonly string[] }[] = [
  { name: 'GigabitEthernet', prefixes: ['gigabitethernet', 'gi', 'gig', 'gige'] },
  { name: 'TenGigabitEthernet', prefixes: ['tengigabitethernet', 'te', 'ten', 'tengig', 'tengige'] },
  {
    name: 'twentyFiveGigE',
    prefixes: ['twentyfivegigabitethernet', 'twentyfivegige', 'twentyfivegig', 'tf'],
  },
  { name: 'fortyGigE', prefixes: ['fortygigabitethernet', 'fortygige', 'fortygig', 'fo'] },
  { name: 'fiftyGigE', prefixes: ['fiftygigabitethernet', 'fiftygige', 'fiftygig', 'fi'] },
  { name: 'hundredGigE', prefixes: ['hundredgigabitethernet', 'hundredgige', 'hundredgig', 'hu'] },
]

const typeByPrefix = new Map(
  interfaceTypes.flatMap((type) => type.prefixes.map((p) => [p, type.name] as const)),
)

/** CloudStack's old Force10 plugin took a port without a type as ten gigabit; rack files still rely on it. */
const DEFAULT_TYPE = 'TenGigabitEthernet'

/** No switch of the family has more ports on a unit; a garbled range must not fill the memory. */
const MAX_RANGE = 512

/** slot/port or unit/port/sub-port. */
const positionPattern = /^\d{1,3}(?:\/\d{1,3}){1,2}$/

/** Is it a type that OS9 prints, in whatever case or abbreviation? Returns the printed form. */
export function interfaceType(prefix: string): string | null {
  return typeByPrefix.get(prefix.toLowerCase()) ?? null
}

/**
 * "1/3", "tengigabitethernet:1/3", "Te 1/3", "te1/3", "tengig-1-3" and "TenGigabitEthernet 1/3" are all
 * "TenGigabitEthernet 1/3".
 * @throws invalid-input if the name cannot be a port of this family
 */
export function canonicalPort(name: string): string {
  const known = canonicalNames.get(name)
  if (known !== undefined) return known
  const canonical = readName(name)
  // the names of one site are few; whatever else was asked for need not be kept
  if (canonicalNames.size >= MOST_NAMES) canonicalNames.clear()
  canonicalNames.set(name, canonical)
  return canonical
}

/** Every reading of every switch asks for the same names again. */
const canonicalNames = new Map<string, string>()
const MOST_NAMES = 20_000

function readName(name: string): string {
  // Dashes only as in the REST names, tengig-1-3: "1/3-4" is a range and no port.
  const match = /^(?:([a-z]+)[\s:]*)?([\d/]+)$|^([a-z]+)-([\d-]+)$/i.exec(name.trim())
  const prefix = match?.[1] ?? match?.[3]
  const type = prefix === undefined ? DEFAULT_TYPE : interfaceType(prefix)
  const position = match?.[2] ?? match?.[4]?.replaceAll('-', '/')
  if (!match || type === null || position === undefined || !positionPattern.test(position)) {
    throw new FerruleError(
      'invalid-input',
      `"${name}" is not a port name of a Force10 switch`,
      'Write slot/port or unit/port/sub-port, with the interface type in front if it is not ten gigabit: 1/3, fortyGigE 1/49.',
      { port: name },
    )
  }
  return `${type} ${position.split('/').map(Number).join('/')}`
}

/** Several ports as one; never the name of a host's port in a rack file. */
export function channelName(channel: number): string {
  return `Port-channel ${channel}`
}

/** "Port-channel 5", "port-channel5" or "Po 5"; null if it is none. */
export function channelNumber(name: string): number | null {
  const number = /^po(?:rt-channel)?\s*(\d{1,4})$/i.exec(name.trim())?.[1]
  return number === undefined ? null : Number(number)
}

/**
 * A membership as OS9 prints it, "TenGigabitEthernet 1/3-4,1/7", "Te 0/0-9,45-47" or "Port-channel 1-2", as canonical
 * names. Types that are neither are left out.
 */
export function expandPorts(text: string): string[] {
  const ports: string[] = []
  let type: string | null = null
  let prefix: number[] = []
  for (const item of text.trim().split(/\s*,\s*/)) {
    const match = /^(?:([a-z][a-z-]*?)\s*)?(\d[\d/]*)(?:\s*-\s*(\d[\d/]*))?$/i.exec(item)
    if (!match?.[2]) continue
    if (match[1] !== undefined) {
      type = channelNumber(`${match[1]} 1`) === null ? interfaceType(match[1]) : 'Port-channel'
      prefix = []
    }
    const from = match[2].split('/').map(Number)
    // "45" after "0/0-9" is short for 0/45.
    const first = from.length === 1 ? [...prefix, ...from] : from
    prefix = first.slice(0, -1)
    const start = first.at(-1) ?? 0
    const last = match[3] === undefined ? start : Number(match[3].split('/').at(-1))
    const end = Math.min(last, start + MAX_RANGE)
    if (type === null) continue
    for (let index = start; index <= end; index += 1) ports.push(`${type} ${[...prefix, index].join('/')}`)
  }
  return ports
}

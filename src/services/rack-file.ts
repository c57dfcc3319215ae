import { LineCounter, parseDocument } from 'yaml'
import { z } from 'zod'
import { FerruleError } from '../domain/errors.ts'
import { isMac, normaliseMac } from '../domain/mac.ts'
import { schemaWords } from '../domain/schema-words.ts'
import type { SwitchType } from './context.ts'

/**
 * The rack configuration in the original design's shape, one racks[] entry per switch:
 *
 *   {"racks":[{"l2Switch":{"ip":"10.0.0.2","username":"admin","password":"…","type":"Force10"},
 *              "hosts":[{"mac":"52:54:00:aa:bb:01","port":"1/1"}]}]}
 *
 * with a documented superset: per entry pxeVlan, quarantineVlan, vlanRange, createVlans, lagRange, name, per host lag; passwords as {"ref":"env:NAME"} or
 * {"ref":"file:/path"}. Settings give the defaults, so the verbatim file works as it is.
 */
const vlan = z.int().min(1).max(4094)
const secret = z.union([z.string().min(1), z.strictObject({ ref: z.string().regex(/^(env|file):.+/) })])
/** Height units of a rack, counted from its floor. */
const unit = z.int().min(1).max(100)
const entry = z.strictObject({
  name: z.string().min(1).optional(),
  l2Switch: z.strictObject({
    ip: z.string().min(1),
    username: z.string().min(1),
    password: secret,
    type: z.string().min(1),
    fingerprint: z.string().min(1).optional(),
    ca: secret.optional(),
    insecure: z.boolean().optional(),
    unit: unit.optional(),
  }),
  hosts: z.array(
    z.strictObject({
      mac: z.string(),
      port: z.string().min(1),
      lag: z.string().min(1).optional(),
      uuid: z.string().optional(),
      unit: unit.optional(),
      units: unit.optional(),
    }),
  ),
  pxeVlan: vlan.optional(),
  quarantineVlan: vlan.optional(),
  vlanRange: z.strictObject({ from: vlan, to: vlan }).optional(),
  uplinks: z.array(z.string()).optional(),
  createVlans: z.boolean().optional(),
  lagRange: z.strictObject({ from: z.int().min(1).max(4096), to: z.int().min(1).max(4096) }).optional(),
})
/** Also published in the OpenAPI document, as the body of the call that applies a file. */
export const rackFileSchema = z.strictObject({ racks: z.array(entry).min(1) })

export type RackFile = z.infer<typeof rackFileSchema>

/** A rack file as it is kept: valid when it was applied, its secrets hidden. Whatever it has is passed on. */
export const rackBodySchema = z.looseObject({
  racks: z.array(
    z.looseObject({
      l2Switch: z.looseObject({ ip: z.string() }),
      hosts: z.array(z.looseObject({ mac: z.string(), port: z.string() })),
      uplinks: z.array(z.string()).optional(),
    }),
  ),
})

export interface RackFault {
  line: number
  path: string
  problem: string
}

export interface RackRules {
  /** Those that there is a driver for. */
  switchTypes: readonly SwitchType[]
  /** By switch address: ports that the settings keep from us, beside those of the file. */
  uplinks: Readonly<Record<string, readonly string[]>>
}

/**
 * Whether a file names a secret of this machine ({"ref": …}), anywhere in it. It is looked for in what the parser reads, as
 * the text can write the same name in many ways.
 *
 * @throws invalid-input where it cannot be read at all
 */
export function namesSecrets(text: string): boolean {
  const pending: unknown[] = [readable(text)]
  for (let value = pending.pop(); value !== undefined; value = pending.pop()) {
    if (typeof value !== 'object' || value === null) continue
    if (Object.hasOwn(value, 'ref')) return true
    pending.push(...Object.values(value).filter((one) => one !== undefined))
  }
  return false
}

function readable(text: string): unknown {
  try {
    return parseDocument(text, { uniqueKeys: true }).toJS()
  } catch (error) {
    // aliases that lead nowhere, or that are unfolded without end
    throw new FerruleError(
      'invalid-input',
      `the rack file cannot be read: ${error instanceof Error ? error.message : String(error)}`,
      'Write it as plain JSON.',
    )
  }
}

/** Everything that is wrong, at once, each with its line; nothing is applied unless all is right. */
export function parseRackFile(
  text: string,
  rules: RackRules,
): { file: RackFile; lineOf: LineOf } | { faults: RackFault[] } {
  const lines = new LineCounter()
  // JSON is YAML: this parser keeps the lines that JSON.parse throws away
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true })
  if (document.errors.length > 0) {
    return {
      faults: document.errors.map((error) => ({
        line: error.linePos?.[0].line ?? 1,
        path: '',
        problem: error.message.split('\n')[0] ?? error.message,
      })),
    }
  }
  const lineOf: LineOf = (path) => {
    for (let length = path.length; length > 0; length--) {
      const node = document.getIn(path.slice(0, length), true)
      if (hasRange(node)) return lines.linePos(node.range[0]).line
    }
    return 1
  }
  const parsed = rackFileSchema.safeParse(document.toJS(), { error: schemaWords })
  if (!parsed.success) {
    return {
      faults: parsed.error.issues.map((issue) => {
        const path = issue.path.filter((part): part is string | number => typeof part !== 'symbol')
        return { line: lineOf(path), path: toPath(path), problem: issue.message }
      }),
    }
  }
  const faults = meaningFaults(parsed.data, rules).map(({ path, problem }) => ({
    line: lineOf(path),
    path: toPath(path),
    problem,
  }))
  return faults.length > 0 ? { faults } : { file: parsed.data, lineOf }
}

/** Where in the file something stands; of what is not there, where it would. */
type LineOf = (path: readonly (string | number)[]) => number

interface Misfit {
  path: (string | number)[]
  problem: string
}

function meaningFaults(file: RackFile, rules: RackRules): Misfit[] {
  const faults: Misfit[] = []
  const macs = new Map<string, string>()
  const switches = new Map<string, string>()
  for (const [index, rack] of file.racks.entries()) {
    const at = ['racks', index]
    const { ip, type } = rack.l2Switch
    const known = rules.switchTypes.find((one) => one.type.toLowerCase() === type.toLowerCase())
    if (!known) {
      const types = rules.switchTypes.map((one) => one.type).join(', ')
      const problem = `unknown switch type "${type}"; known: ${types}`
      faults.push({ path: [...at, 'l2Switch', 'type'], problem })
    }
    const seen = switches.get(ip)
    if (seen)
      faults.push({ path: [...at, 'l2Switch', 'ip'], problem: `switch ${ip} is listed already at ${seen}` })
    else switches.set(ip, toPath(at))
    if (rack.vlanRange && rack.vlanRange.from > rack.vlanRange.to)
      faults.push({ path: [...at, 'vlanRange'], problem: 'from is larger than to' })
    if (rack.lagRange && rack.lagRange.from > rack.lagRange.to)
      faults.push({ path: [...at, 'lagRange'], problem: 'from is larger than to' })
    if (rack.lagRange && known && !known.createsLags)
      faults.push({
        path: [...at, 'lagRange'],
        problem: `the driver of ${known.type} makes no LAGs: leave lagRange out`,
      })
    const uplinks = [...(rack.uplinks ?? []), ...(rules.uplinks[ip] ?? [])]
    if (known) faults.push(...preMadeFaults(rack, at, known, rules, uplinks))
    // without a known type, ports are still compared as they are written
    faults.push(...hostFaults(rack, at, macs, uplinks, known?.canonicalPort ?? ((port) => port)))
  }
  return faults
}

/** LAGs that people made: read by few drivers, and with names that no port of a host has. */
function preMadeFaults(
  rack: RackFile['racks'][number],
  at: (string | number)[],
  { type, canonicalPort, readsPreMadeLags }: SwitchType,
  { switchTypes }: RackRules,
  uplinks: readonly string[],
): Misfit[] {
  const ports = rack.hosts.map(({ port }) => port)
  return rack.hosts.flatMap(({ lag }, position) => {
    if (lag === undefined) return []
    const path = [...at, 'hosts', position, 'lag']
    if (!readsPreMadeLags) {
      const types = switchTypes.filter((one) => one.readsPreMadeLags).map((one) => one.type)
      return [{ path, problem: `pre-made LAGs are read on ${types.join(', ')} only, and this is ${type}` }]
    }
    let name: string
    try {
      name = canonicalPort(lag)
    } catch (error) {
      if (!(error instanceof FerruleError)) throw error
      return [{ path, problem: `${error.message}. ${error.remedy}` }]
    }
    if (ports.some((port) => isAt(port, name, canonicalPort)))
      return [{ path, problem: `LAG ${lag} is the port of a host too` }]
    if (uplinks.some((uplink) => isAt(uplink, name, canonicalPort)))
      return [{ path, problem: `LAG ${lag} is an uplink: it is never a host's` }]
    return []
  })
}

/** `macs` goes on over all racks: a NIC has one cable. */
function hostFaults(
  rack: { l2Switch: { ip: string }; hosts: readonly { mac: string; port: string }[] },
  at: (string | number)[],
  macs: Map<string, string>,
  uplinks: readonly string[],
  canonicalPort: SwitchType['canonicalPort'],
): Misfit[] {
  const faults: Misfit[] = []
  const ports = new Map<string, string>()
  for (const [position, host] of rack.hosts.entries()) {
    const here = [...at, 'hosts', position]
    if (isMac(host.mac)) {
      const mac = normaliseMac(host.mac)
      const seen = macs.get(mac)
      if (seen) faults.push({ path: [...here, 'mac'], problem: `MAC ${mac} is listed already at ${seen}` })
      else macs.set(mac, toPath(here))
    } else {
      faults.push({ path: [...here, 'mac'], problem: `"${host.mac}" is not a MAC address (six hex pairs)` })
    }
    const path = [...here, 'port']
    let port: string
    try {
      port = place(canonicalPort(host.port))
    } catch (error) {
      if (!(error instanceof FerruleError)) throw error
      faults.push({ path, problem: `${error.message}. ${error.remedy}` })
      continue
    }
    const seen = ports.get(port)
    if (seen)
      faults.push({
        path,
        problem: `port ${host.port} of switch ${rack.l2Switch.ip} is listed already at ${seen}`,
      })
    else ports.set(port, toPath(here))
    if (uplinks.some((uplink) => isAt(uplink, port, canonicalPort)))
      faults.push({ path, problem: `port ${host.port} is an uplink: it is never a host's` })
  }
  return faults
}

/** Why a rack file could not have this cable beside those that it has; null: it could. */
export function refusalOfPort(
  { l2Switch, hosts, uplinks = [] }: z.infer<typeof rackBodySchema>['racks'][number],
  host: { mac: string; port: string },
  { canonicalPort }: SwitchType,
  moreUplinks: readonly string[],
): string | null {
  const faults = hostFaults(
    { l2Switch, hosts: [...hosts, host] },
    [],
    new Map(),
    [...uplinks, ...moreUplinks],
    canonicalPort,
  )
  return faults.find(({ path }) => path[1] === hosts.length)?.problem ?? null
}

/** Of "fortyGigE 1/49" only 1/49: one socket may be named with several types, of which a transceiver decides. */
function place(port: string): string {
  return /^[a-z]+ (\d+(?:\/\d+)+)$/i.exec(port)?.[1] ?? port
}

/** An uplink may have a name that no host's port can have, such as that of a port-channel. */
function isAt(uplink: string, port: string, canonicalPort: SwitchType['canonicalPort']): boolean {
  try {
    return place(canonicalPort(uplink)) === port
  } catch (error) {
    if (error instanceof FerruleError) return false
    throw error
  }
}

function toPath(path: readonly (string | number)[]): string {
  return path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${part}`))
    .join('')
    .replace(/^\./, '')
}

function hasRange(node: unknown): node is { range: [number, number, number] } {
  return typeof node === 'object' && node !== null && 'range' in node && Array.isArray(node.range)
}

export function rackFaultsError(faults: readonly RackFault[]): FerruleError {
  const lines = faults.map(
    (fault) => `line ${fault.line}${fault.path ? ` (${fault.path})` : ''}: ${fault.problem}`,
  )
  return new FerruleError(
    'invalid-input',
    `the rack configuration has ${faults.length} fault${faults.length > 1 ? 's' : ''}: ${lines.join(' | ')}`,
    'Correct these lines and apply the file again; nothing was changed.',
    {
      faults: faults.map((fault) => ({ ...fault })),
    },
  )
}

import { type CsvRow, parseCsv } from './csv.ts'
import {
  byPort,
  type Imported,
  type ImportedRack,
  type ImportFault,
  isReference,
  macOf,
  unitOf,
  vlanOf,
  vlanRangeOf,
} from './rack.ts'

/** Of the switch; they may be left out in its later rows. */
const switchColumns = [
  'name',
  'type',
  'username',
  'password',
  'fingerprint',
  'switch_unit',
  'pxe_vlan',
  'quarantine_vlan',
  'vlans',
  'uplinks',
] as const
type SwitchColumn = (typeof switchColumns)[number]

const required = ['switch', 'type', 'username', 'password', 'port', 'mac'] as const
const columns: readonly string[] = ['switch', ...switchColumns, 'port', 'mac', 'unit', 'units']

interface Cell {
  text: string
  place: string
}

/** One row per cable: a switch, one of its ports, and the MAC of the NIC on it. */
export function importCsv(text: string): Imported {
  const faults: ImportFault[] = []
  let rows: CsvRow[]
  try {
    rows = parseCsv(text)
  } catch (error) {
    const [place = 'line 1', ...problem] = (error instanceof Error ? error.message : String(error)).split(
      ': ',
    )
    return { racks: [], faults: [{ place, problem: problem.join(': ') }], notes: [] }
  }
  const header = rows.shift()
  const names = header?.cells.map((name) => name.trim().toLowerCase()) ?? []
  faults.push(...headerFaults(names, header?.line ?? 1))
  if (faults.length > 0) return { racks: [], faults, notes: [] }

  const switches = new Map<string, { cells: Map<SwitchColumn, Cell>; rack: ImportedRack; line: number }>()
  const macs = new Map<string, string>()
  const ports = new Map<string, string>()
  for (const { line, cells } of rows) {
    const place = (column: string) => `line ${line}, ${column}`
    if (cells.length !== names.length) {
      faults.push({
        place: `line ${line}`,
        problem: `has ${cells.length} values, and the header ${names.length}`,
      })
      continue
    }
    const cell = (column: string) => cells[names.indexOf(column)]?.trim() ?? ''
    const ip = cell('switch')
    if (ip === '') {
      faults.push({ place: place('switch'), problem: 'is empty' })
      continue
    }
    const known = switches.get(ip) ?? { cells: new Map(), rack: emptyRack(ip), line }
    switches.set(ip, known)
    for (const column of switchColumns) {
      const text = cell(column)
      const before = known.cells.get(column)
      if (text === '') continue
      if (before && before.text !== text) {
        faults.push({
          place: place(column),
          problem: `is "${text}", and "${before.text}" at ${before.place}`,
        })
      }
      known.cells.set(column, before ?? { text, place: place(column) })
    }
    const mac = macOf(cell('mac'))
    const port = cell('port')
    if (port === '') faults.push({ place: place('port'), problem: 'is empty' })
    if (mac === null)
      faults.push({ place: place('mac'), problem: `"${cell('mac')}" is not the MAC of a NIC` })
    faults.push(...twice(ports, `${ip} ${port}`, place('port'), `port ${port} of ${ip}`))
    if (mac !== null) {
      faults.push(...twice(macs, mac, place('mac'), mac))
      const host: ImportedRack['hosts'][number] = { mac, port }
      for (const column of ['unit', 'units'] as const) {
        const text = cell(column)
        const unit = unitOf(text)
        if (unit !== null) host[column] = unit
        else if (text !== '') faults.push({ place: place(column), problem: notUnits(text) })
      }
      known.rack.hosts.push(host)
    }
  }
  for (const { cells, rack, line } of switches.values()) faults.push(...fill(rack, cells, line))
  const racks = [...switches.values()].map(({ rack }) => rack)
  for (const { hosts } of racks) hosts.sort(byPort)
  return { racks, faults, notes: [] }
}

function headerFaults(names: readonly string[], line: number): ImportFault[] {
  const place = `line ${line}`
  return [
    ...required
      .filter((name) => !names.includes(name))
      .map((name) => ({ place, problem: `the header has no column "${name}"` })),
    ...names
      .filter((name) => !columns.includes(name))
      .map((name) => ({ place, problem: `unknown column "${name}"; known: ${columns.join(', ')}` })),
    ...names
      .filter((name, index) => names.indexOf(name) !== index)
      .map((name) => ({ place, problem: `the column "${name}" is there twice` })),
  ]
}

function twice(seen: Map<string, string>, key: string, place: string, what: string): ImportFault[] {
  const before = seen.get(key)
  if (before === undefined) seen.set(key, place)
  return before === undefined ? [] : [{ place, problem: `${what} is there already at ${before}` }]
}

const notUnits = (text: string) => `"${text}" is not a number of height units, 1 to 100`

function emptyRack(ip: string): ImportedRack {
  return { l2Switch: { ip, username: '', password: { ref: '' }, type: '' }, hosts: [] }
}

function fill(rack: ImportedRack, cells: ReadonlyMap<SwitchColumn, Cell>, line: number): ImportFault[] {
  const faults: ImportFault[] = []
  const { l2Switch } = rack
  const needed = (column: SwitchColumn): string => {
    const found = cells.get(column)
    if (!found)
      faults.push({ place: `line ${line}, ${column}`, problem: `no row of switch ${l2Switch.ip} has it` })
    return found?.text ?? ''
  }
  const read = <T>(column: SwitchColumn, form: (text: string) => T | null, what: string): T | undefined => {
    const found = cells.get(column)
    const value = found && form(found.text)
    if (found && value === null)
      faults.push({ place: found.place, problem: `"${found.text}" is not ${what}` })
    return value ?? undefined
  }
  l2Switch.type = needed('type')
  l2Switch.username = needed('username')
  const password = needed('password')
  // The value is not repeated: it may be the secret itself.
  if (password !== '' && !isReference(password)) {
    const place = cells.get('password')?.place ?? ''
    faults.push({ place, problem: 'is not a reference: write env:NAME or file:/path, never the password' })
  } else l2Switch.password.ref = password
  const fingerprint = cells.get('fingerprint')?.text
  if (fingerprint !== undefined) l2Switch.fingerprint = fingerprint
  const unit = read('switch_unit', unitOf, 'a number of height units, 1 to 100')
  if (unit !== undefined) l2Switch.unit = unit
  const name = cells.get('name')?.text
  const pxeVlan = read('pxe_vlan', vlanOf, 'a VLAN')
  const quarantineVlan = read('quarantine_vlan', vlanOf, 'a VLAN')
  const vlanRange = read('vlans', vlanRangeOf, 'a range of VLANs like 100-899')
  const uplinks = cells
    .get('uplinks')
    ?.text.split(/\s*;\s*/)
    .filter((port) => port !== '')
  Object.assign(rack, {
    ...(name === undefined ? {} : { name }),
    ...(pxeVlan === undefined ? {} : { pxeVlan }),
    ...(quarantineVlan === undefined ? {} : { quarantineVlan }),
    ...(vlanRange === undefined ? {} : { vlanRange }),
    ...(uplinks === undefined ? {} : { uplinks }),
  })
  return faults
}

import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { FerruleError } from '../domain/errors.ts'
import { normaliseMac } from '../domain/mac.ts'
import type { Queryable } from '../store/database.ts'
import { insertEvent } from '../store/events.ts'
import { takenLags } from '../store/lags.ts'
import type { CableRow, SwitchRow } from '../store/racks.ts'
import {
  busyHostsOfRack,
  deleteRack,
  listCables,
  listRacks,
  listSwitches,
  replaceRack,
} from '../store/racks.ts'
import { type SwitchLook, switchLooks } from '../store/switch-looks.ts'
import { forgetRedeclaredCables } from '../workflows/cable-marks.ts'
import type { Caller, Services, SwitchReach } from './context.ts'
import type { RackFault, RackFile } from './rack-file.ts'
import { parseRackFile, rackFaultsError } from './rack-file.ts'
import { healthView, type SwitchHealthView, type SwitchWatchView, watchViews } from './switches.ts'

/** Where something stands in its rack: the lowest height unit that it takes, counted from the floor, and how many. */
export interface RackPlace {
  unit: number
  units: number
}

export interface RackView {
  name: string
  appliedAt: string
  switches: {
    id: string
    address: string
    type: string
    username: string
    pxeVlan: number
    quarantineVlan: number
    vlanRange: { from: number; to: number }
    /** Null: Ferrule makes no LAG there. */
    lagRange: { from: number; to: number } | null
    ports: { port: string; member: string | null; mac: string; place: RackPlace | null }[]
    place: RackPlace | null
    /** As this replica knows it; null: it has not spoken to it yet. */
    health: SwitchHealthView | null
    /** The last look at its ports; null: there was none yet. */
    look: SwitchLook | null
    watch: SwitchWatchView
  }[]
}

/** A16: validates the whole file first; then replaces this configuration in one transaction. */
export async function applyRack(
  services: Services,
  caller: Caller,
  name: string,
  text: string,
): Promise<RackView> {
  const { file, switches, cables } = rowsOf(services, name, text)
  await services.tools.db.transaction(async (client) => {
    await refuseWhatIsInTheWay(client, name, switches, cables)
    const changes = cableChanges(await cablesOfRack(client, name), cables)
    await replaceRack(client, name, withoutSecrets(file), switches, cables)
    await forgetRedeclaredCables(
      client,
      changes.map(({ mac }) => mac),
    )
    await insertEvent(client, {
      kind: 'rack.applied',
      message: `${caller.name} applied rack configuration ${name}: ${switches.length} switches, ${cables.length} ports`,
    })
  })
  return rackView(services, name)
}

/** A cable by the MAC at its one end; null: there was none, or is to be none. */
export interface CableChange {
  mac: string
  before: { switch: string; port: string } | null
  after: { switch: string; port: string } | null
}

export interface RackCheck {
  switches: number
  cables: number
  /** Only what is not the same already. */
  changes: CableChange[]
}

/** What an apply would change, without applying. @throws whatever the apply would */
export async function checkRack(services: Services, name: string, text: string): Promise<RackCheck> {
  const { switches, cables } = rowsOf(services, name, text)
  await refuseWhatIsInTheWay(services.tools.db, name, switches, cables)
  const applied = await cablesOfRack(services.tools.db, name)
  return { switches: switches.length, cables: cables.length, changes: cableChanges(applied, cables) }
}

async function cablesOfRack(db: Queryable, name: string): Promise<CableRow[]> {
  const switches = (await listSwitches(db)).filter((one) => one.rack === name)
  const ours = new Set(switches.map(({ id }) => id))
  return (await listCables(db)).filter(({ switchId }) => ours.has(switchId))
}

function cableChanges(applied: readonly CableRow[], wanted: readonly CableRow[]): CableChange[] {
  const placeOf = ({ switchId, port, member }: CableRow) => ({ switch: switchId, port: member ?? port })
  const [had, has] = [applied, wanted].map((rows) => new Map(rows.map((row) => [row.mac, placeOf(row)])))
  return [...new Set([...(had?.keys() ?? []), ...(has?.keys() ?? [])])]
    .map((mac) => ({ mac, before: had?.get(mac) ?? null, after: has?.get(mac) ?? null }))
    .filter(({ before, after }) => before?.switch !== after?.switch || before?.port !== after?.port)
}

/** @throws with every fault of the file at once, each with its line */
function rowsOf(
  services: Services,
  name: string,
  text: string,
): { file: RackFile; switches: SwitchRow[]; cables: CableRow[] } {
  const parsed = parseRackFile(text, {
    switchTypes: services.switchTypes(),
    uplinks: services.settings.uplinks,
  })
  if ('faults' in parsed) throw rackFaultsError(parsed.faults)
  return { file: parsed.file, ...toRows(services, name, parsed.file, parsed.lineOf) }
}

async function refuseWhatIsInTheWay(
  db: Queryable,
  name: string,
  switches: readonly SwitchRow[],
  cables: readonly CableRow[],
): Promise<void> {
  await refuseClashes(db, name, switches, cables)
  await refuseLostPorts(db, name, cables)
  await refuseLostLags(db, switches)
}

/** @throws invalid-input with every switch that could not be reached as the file says */
function toRows(
  services: Services,
  rack: string,
  file: RackFile,
  lineOf: (path: readonly (string | number)[]) => number,
): { switches: SwitchRow[]; cables: CableRow[] } {
  const { settings } = services
  const switches: SwitchRow[] = []
  const cables: CableRow[] = []
  const faults: RackFault[] = []
  for (const [index, entry] of file.racks.entries()) {
    const { ip, type } = entry.l2Switch
    const reach = reachOf(entry.l2Switch)
    const driver = services.switchTypes().find((one) => one.type.toLowerCase() === type.toLowerCase())
    for (const problem of driver?.endpointFaults?.(reach) ?? []) {
      faults.push({
        line: lineOf(['racks', index, 'l2Switch']),
        path: `racks[${index}].l2Switch`,
        problem,
      })
    }
    // the address is the switch's identity: the design knows no other name
    const id = ip.toLowerCase()
    const range = entry.vlanRange ?? settings.vlanRange
    switches.push({
      id,
      rack,
      address: ip,
      type,
      username: reach.username,
      passwordSealed: services.seal('switch', id, reach.password),
      fingerprint: reach.fingerprint ?? null,
      ca: reach.ca ?? null,
      insecure: reach.insecure ?? false,
      pxeVlan: entry.pxeVlan ?? settings.pxeVlan,
      quarantineVlan: entry.quarantineVlan ?? settings.quarantineVlan,
      vlanFrom: range.from,
      vlanTo: range.to,
      createVlans: entry.createVlans ?? true,
      lagRange: entry.lagRange ?? null,
    })
    for (const host of entry.hosts)
      cables.push({
        mac: normaliseMac(host.mac),
        switchId: id,
        port: host.lag ?? host.port,
        member: host.lag === undefined ? null : host.port,
      })
  }
  if (faults.length > 0) throw rackFaultsError(faults)
  return { switches, cables }
}

function reachOf({ ip, username, password, ...trust }: RackFile['racks'][number]['l2Switch']): SwitchReach {
  return {
    address: ip,
    username,
    password: resolved(password),
    ...(trust.fingerprint === undefined ? {} : { fingerprint: trust.fingerprint }),
    ...(trust.ca === undefined ? {} : { ca: resolved(trust.ca) }),
    ...(trust.insecure === undefined ? {} : { insecure: trust.insecure }),
  }
}

function resolved(value: string | { ref: string }): string {
  return typeof value === 'string' ? value : resolveRef(value.ref)
}

function resolveRef(ref: string): string {
  const [kind, rest] = [ref.slice(0, ref.indexOf(':')), ref.slice(ref.indexOf(':') + 1)]
  try {
    const value = kind === 'env' ? process.env[rest] : readFileSync(rest, 'utf8').trimEnd()
    if (value) return value
  } catch {
    // told below, without the system's own words: they may name more than the reader should know
  }
  throw new FerruleError(
    'invalid-input',
    `the secret reference ${ref} leads to nothing`,
    kind === 'env'
      ? 'Set the environment variable for the daemon.'
      : 'Make the file readable for the daemon.',
    { ref },
  )
}

async function refuseClashes(
  db: Queryable,
  name: string,
  switches: readonly SwitchRow[],
  cables: readonly CableRow[],
): Promise<void> {
  const otherSwitches = (await listSwitches(db)).filter((one) => one.rack !== name)
  const clash = switches.find((one) => otherSwitches.some((other) => other.id === one.id))
  if (clash) {
    throw new FerruleError(
      'conflict',
      `switch ${clash.address} belongs to rack configuration ${otherSwitches.find((other) => other.id === clash.id)?.rack ?? '?'} already`,
      'List each switch in one rack configuration only.',
      { switch: clash.address },
    )
  }
  const ours = new Set(switches.map((one) => one.id))
  const otherCables = (await listCables(db)).filter(
    (one) => !ours.has(one.switchId) && otherSwitches.some((other) => other.id === one.switchId),
  )
  const twice = cables.find((one) => otherCables.some((other) => other.mac === one.mac))
  if (twice)
    throw new FerruleError(
      'conflict',
      `MAC ${twice.mac} is wired in another rack configuration already`,
      'A NIC has one cable: correct one of the two configurations.',
      { mac: twice.mac },
    )
}

/** A port that carries an instance must not vanish from our sight. */
async function refuseLostPorts(db: Queryable, name: string, cables: readonly CableRow[]): Promise<void> {
  const busy = await busyHostsOfRack(db, name)
  if (busy.length === 0) return
  const known = new Set((await listSwitches(db)).filter((one) => one.rack === name).map((one) => one.id))
  const place = ({ mac, switchId, port, member }: CableRow) => `${mac} ${switchId} ${port} ${member}`
  const kept = new Set(cables.map(place))
  const lost = (await listCables(db)).filter((one) => known.has(one.switchId) && !kept.has(place(one)))
  if (lost.length === 0) return
  throw new FerruleError(
    'in-use',
    `the new configuration drops ports while hosts of this rack are in use (${busy.join(', ')}): ${lost.map((one) => `${one.switchId} ${one.port}`).join(', ')}`,
    'Destroy the instances on these hosts first, or keep their ports in the file.',
    { hosts: busy },
  )
}

/** A LAG outside of lagRange would never be touched again, not to dissolve it either. */
async function refuseLostLags(db: Queryable, switches: readonly SwitchRow[]): Promise<void> {
  const lost = (await takenLags(db)).find(({ switchId, number }) => {
    const row = switches.find((one) => one.id === switchId)
    return row && !(row.lagRange && number >= row.lagRange.from && number <= row.lagRange.to)
  })
  if (!lost) return
  throw new FerruleError(
    'in-use',
    `the new configuration takes LAG ${lost.number} of switch ${lost.switchId} away while a host in use is in it`,
    'Keep its number in lagRange until the instance is destroyed.',
    { switch: lost.switchId, lag: lost.number },
  )
}

function withoutSecrets(file: RackFile): RackFile {
  return {
    racks: file.racks.map((rack) => ({ ...rack, l2Switch: { ...rack.l2Switch, password: '********' } })),
  }
}

export async function rackViews(services: Services): Promise<RackView[]> {
  const [racks, switches, cables, looks, watchOf] = await Promise.all([
    listRacks(services.tools.db),
    listSwitches(services.tools.db),
    listCables(services.tools.db),
    switchLooks(services.tools.db),
    watchViews(services),
  ])
  const cablesOf = new Map<string, CableRow[]>()
  for (const cable of cables) cablesOf.set(cable.switchId, [...(cablesOf.get(cable.switchId) ?? []), cable])
  return racks.map((rack) => {
    const places = placesIn(rack.body)
    return {
      name: rack.name,
      appliedAt: rack.appliedAt.toISOString(),
      switches: switches
        .filter((one) => one.rack === rack.name)
        .map((one) => ({
          id: one.id,
          address: one.address,
          type: one.type,
          username: one.username,
          pxeVlan: one.pxeVlan,
          quarantineVlan: one.quarantineVlan,
          vlanRange: { from: one.vlanFrom, to: one.vlanTo },
          lagRange: one.lagRange,
          place: places.get(one.id) ?? null,
          ports: (cablesOf.get(one.id) ?? []).map(({ port, member, mac }) => ({
            port,
            member,
            mac,
            place: places.get(mac) ?? null,
          })),
          health: healthView(services, one.id),
          look: looks.get(one.id) ?? null,
          watch: watchOf(one.id),
        })),
    }
  })
}

const placed = z.object({
  racks: z.array(
    z.object({
      l2Switch: z.object({ ip: z.string(), unit: z.int().optional() }),
      hosts: z.array(z.object({ mac: z.string(), unit: z.int().optional(), units: z.int().optional() })),
    }),
  ),
})

/** Where a kept rack file says that things stand: by id of the switch, and by MAC. */
function placesIn(body: unknown): Map<string, RackPlace> {
  const places = new Map<string, RackPlace>()
  const file = placed.safeParse(body)
  for (const { l2Switch, hosts } of file.data?.racks ?? []) {
    if (l2Switch.unit !== undefined) places.set(l2Switch.ip.toLowerCase(), { unit: l2Switch.unit, units: 1 })
    for (const { mac, unit, units = 1 } of hosts)
      if (unit !== undefined) places.set(normaliseMac(mac), { unit, units })
  }
  return places
}

export async function rackView(services: Services, name: string): Promise<RackView> {
  const view = (await rackViews(services)).find((one) => one.name === name)
  if (!view)
    throw new FerruleError(
      'not-found',
      `there is no rack configuration ${name}`,
      'List them with "ferrule rack list".',
      { rack: name },
    )
  return view
}

export async function removeRack(services: Services, caller: Caller, name: string): Promise<void> {
  await rackView(services, name)
  const busy = await busyHostsOfRack(services.tools.db, name)
  if (busy.length > 0)
    throw new FerruleError(
      'in-use',
      `hosts wired in ${name} are in use: ${busy.join(', ')}`,
      'Destroy their instances or wait for their operations first.',
      { hosts: busy },
    )
  await deleteRack(services.tools.db, name)
  await insertEvent(services.tools.db, {
    kind: 'rack.removed',
    message: `${caller.name} removed rack configuration ${name}`,
  })
}

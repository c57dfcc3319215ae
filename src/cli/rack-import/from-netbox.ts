import type { Netbox } from './netbox-api.ts'
import { heightOf } from './netbox-heights.ts'
import {
  cableObject,
  type Device,
  type DeviceType,
  deviceObject,
  deviceTypeObject,
  type Interface,
  interfaceObject,
  type NetboxRack,
  rackObject,
  vlanGroupObject,
} from './netbox-objects.ts'
import { byPort, type Imported, type ImportedRack, type ImportFault, macOf } from './rack.ts'

export interface NetboxWish {
  racks: readonly string[]
  /** Slugs of device roles. */
  switchRoles: readonly string[]
  hostRoles: readonly string[]
  /** Type of the rack file by slug of platform. */
  types: ReadonlyMap<string, string>
  username: string
  /** `{switch}` stands for the name of the switch. */
  passwordRef: string
  /** Slug of the group of VLANs that tenants may get. */
  vlanGroup?: string
}

/** All that is read before anything is judged. */
interface World {
  switches: readonly Device[]
  ports: readonly Interface[]
  others: ReadonlyMap<number, Interface>
  devices: ReadonlyMap<number, Device>
  cables: ReadonlyMap<number, string>
  racks: ReadonlyMap<number, NetboxRack>
  types: ReadonlyMap<number, DeviceType>
}

/** Racks as NetBox documents them. Nothing is written there. */
export async function importNetbox(netbox: Netbox, wish: NetboxWish): Promise<Imported> {
  const faults: ImportFault[] = []
  const notes: string[] = []
  const world = await look(netbox, wish, faults)
  const vlanRange = wish.vlanGroup === undefined ? undefined : await rangeOf(netbox, wish.vlanGroup, faults)
  const macs = new Map<string, string>()
  const racks = world.switches.map((device) => {
    const rack = rackOf(device, wish, faults, notes)
    if (vlanRange) rack.vlanRange = vlanRange
    const height = heightOf(device, world.racks, world.types)
    if (height) rack.l2Switch.unit = height.unit
    const pxe = new Set<number>()
    for (const port of world.ports.filter((one) => one.device.id === device.id)) {
      const host = cableOf(port, world, wish, rack, faults, notes)
      if (!host) continue
      const place = placeOf(port)
      const before = macs.get(host.mac)
      if (before) faults.push({ place, problem: `${host.mac} is there already at ${before}` })
      macs.set(host.mac, place)
      rack.hosts.push(host)
      if (port.untagged_vlan) pxe.add(port.untagged_vlan.vid)
    }
    // At rest every host's port is in the PXE VLAN; where they differ NetBox says what they carry now.
    const [vlan, ...more] = pxe
    if (vlan !== undefined && more.length === 0) rack.pxeVlan = vlan
    rack.hosts.sort(byPort)
    rack.uplinks?.sort((a, b) => byPort({ port: a }, { port: b }))
    return rack
  })
  return { racks, faults, notes }
}

async function look(netbox: Netbox, wish: NetboxWish, faults: ImportFault[]): Promise<World> {
  const names = wish.racks.map((name) => ['name', name] as const)
  const racks = await netbox.list('dcim/racks', names, rackObject)
  for (const name of wish.racks) {
    const same = racks.filter((rack) => rack.name === name)
    if (same.length === 0) faults.push({ place: `rack ${name}`, problem: 'NetBox has none of this name' })
    if (same.length > 1)
      faults.push({ place: `rack ${name}`, problem: `NetBox has ${same.length} of this name` })
  }
  const there = await netbox.byId(
    'dcim/devices',
    'rack_id',
    racks.map(({ id }) => id),
    deviceObject,
  )
  const switches = there.filter((device) => wish.switchRoles.includes(roleOf(device)))
  const ports = await netbox.byId(
    'dcim/interfaces',
    'device_id',
    switches.map(({ id }) => id),
    interfaceObject,
  )
  const ends = ports.flatMap((port) =>
    port.connected_endpoints_type === 'dcim.interface'
      ? (port.connected_endpoints ?? []).map(({ id }) => id)
      : [],
  )
  const others = await netbox.byId('dcim/interfaces', 'id', [...new Set(ends)], interfaceObject)
  const devices = await netbox.byId(
    'dcim/devices',
    'id',
    [...new Set(others.map(({ device }) => device.id))],
    deviceObject,
  )
  const cables = await netbox.byId(
    'dcim/cables',
    'id',
    [...new Set(ports.flatMap(({ cable }) => (cable ? [cable.id] : [])))],
    cableObject,
  )
  const types = await netbox.byId(
    'dcim/device-types',
    'id',
    [...new Set([...switches, ...devices].flatMap(({ device_type }) => device_type?.id ?? []))],
    deviceTypeObject,
  )
  return {
    switches,
    ports,
    racks: new Map(racks.map((one) => [one.id, one])),
    types: new Map(types.map((one) => [one.id, one])),
    others: new Map(others.map((one) => [one.id, one])),
    devices: new Map(devices.map((one) => [one.id, one])),
    cables: new Map(cables.map(({ id, status }) => [id, status?.value ?? 'connected'])),
  }
}

async function rangeOf(
  netbox: Netbox,
  slug: string,
  faults: ImportFault[],
): Promise<{ from: number; to: number } | undefined> {
  const [group] = await netbox.list('ipam/vlan-groups', [['slug', slug]], vlanGroupObject)
  const place = `VLAN group ${slug}`
  const ranges =
    group?.vid_ranges ?? (group?.min_vid && group.max_vid ? [[group.min_vid, group.max_vid] as const] : [])
  const [range] = ranges
  if (!group) faults.push({ place, problem: 'NetBox has none of this slug' })
  else if (!range || ranges.length > 1) {
    faults.push({ place, problem: `has ${ranges.length} ranges of VLANs; a rack file takes one` })
  } else return { from: range[0], to: range[1] }
  return undefined
}

function rackOf(device: Device, wish: NetboxWish, faults: ImportFault[], notes: string[]): ImportedRack {
  const name = device.name ?? `device ${device.id}`
  const place = `switch ${name} (device ${device.id})`
  const ip = device.primary_ip?.address.replace(/\/\d+$/, '')
  if (ip === undefined) faults.push({ place, problem: 'has no primary IP address' })
  const platform = device.platform?.slug
  const type = wish.types.get(platform ?? '')
  if (type === undefined) {
    const problem =
      platform === undefined
        ? 'has no platform, and so no type'
        : `nothing says of which type platform ${platform} is: add --type ${platform}=TYPE`
    faults.push({ place, problem })
  }
  const fingerprint = device.custom_fields.ferrule_fingerprint
  if (typeof fingerprint !== 'string') {
    notes.push(
      `${place}: add its fingerprint to the file, if its type needs one (custom field ferrule_fingerprint)`,
    )
  }
  return {
    name: [device.rack?.name, name].filter(Boolean).join(' '),
    l2Switch: {
      ip: ip ?? '',
      username: wish.username,
      password: { ref: wish.passwordRef.replaceAll('{switch}', name) },
      type: type ?? '',
      ...(typeof fingerprint === 'string' ? { fingerprint } : {}),
    },
    hosts: [],
    uplinks: [],
  }
}

/** The NIC on a port of a switch; null where there is none. What is connected to anything else is an uplink. */
function cableOf(
  port: Interface,
  { switches, others, devices, cables, racks, types }: World,
  wish: NetboxWish,
  rack: ImportedRack,
  faults: ImportFault[],
  notes: string[],
): ImportedRack['hosts'][number] | null {
  const place = placeOf(port)
  // The switch's own way to its management network is no port of the fabric.
  if (port.mgmt_only || !port.cable) return null
  const ends = port.connected_endpoints ?? []
  if (ends.length === 0) {
    notes.push(`${place}: its cable ${port.cable.id} ends nowhere`)
    return null
  }
  const nics = ends.flatMap(({ id }) => others.get(id) ?? [])
  const hosts = nics.filter((nic) => {
    const device = devices.get(nic.device.id)
    return device !== undefined && wish.hostRoles.includes(roleOf(device))
  })
  if (hosts.length === 0) {
    rack.uplinks?.push(port.name)
    return null
  }
  const [nic, ...more] = hosts
  if (!nic || more.length > 0 || ends.length > 1) {
    faults.push({ place, problem: `has ${ends.length} ends; a host's port has one` })
    return null
  }
  const status = cables.get(port.cable.id)
  if (status !== 'connected') {
    notes.push(`${place}: its cable ${port.cable.id} is ${status ?? 'unknown'}, and was left out`)
    return null
  }
  if (nic.mgmt_only) {
    notes.push(`${place}: ${placeOf(nic)} is for management, and was left out`)
    return null
  }
  const said = nic.primary_mac_address?.mac_address ?? nic.mac_address
  const mac = macOf(said ?? '')
  if (mac === null) {
    const problem = said ? `"${said}" is not the MAC of a NIC` : `has no MAC, and is on ${place}`
    faults.push({ place: placeOf(nic), problem })
    return null
  }
  const device = devices.get(nic.device.id)
  // one in another rack has another's heights
  const tor = switches.find(({ id }) => id === port.device.id)
  const isBeside = device !== undefined && device.rack?.id === tor?.rack?.id
  return { mac, port: port.name, ...(isBeside ? heightOf(device, racks, types) : null) }
}

function placeOf({ id, name, device }: Interface): string {
  return `${device.name ?? `device ${device.id}`} ${name} (interface ${id})`
}

function roleOf(device: Device): string {
  return device.role?.slug ?? device.device_role?.slug ?? ''
}

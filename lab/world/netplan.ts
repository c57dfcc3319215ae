import { parse } from 'yaml'
import { z } from 'zod'

/** What the system was told to build out of its NICs, resolved against the NICs that it has. */
export interface NetInterface {
  name: string
  kind: 'ethernet' | 'bond' | 'vlan'
  mac: string
  dhcp4: boolean
  /** The boot does not wait for it. */
  optional: boolean
  /** ethernet: its NIC; bond: its members' NICs in order; vlan: empty, see `link`. */
  nics: string[]
  /** bond: only one member carries frames (active-backup); else every member with link may. */
  singleActive: boolean
  /** bond that balances without the switch's help: its other members speak with MACs of their own. */
  ownMacs?: true
  /** bond in mode 802.3ad: it speaks LACP, and members of one LAG carry frames together. */
  lacp?: true
  link?: string
  vlan?: number
  /** `accept-ra: false`; else it takes what routers advertise, as networkd does unless the system forwards. */
  ignoresRa?: true
  /** Fixed addresses of IPv6, without their prefix. Absent: none. */
  ip6?: string[]
}

const common = {
  dhcp4: z.boolean().default(false),
  optional: z.boolean().default(false),
  'accept-ra': z.boolean().default(true),
  addresses: z.array(z.string()).default([]),
}
const macAddress = z.string().transform((mac) => mac.toLowerCase())

const ethernet = z.object({
  ...common,
  match: z.object({ macaddress: macAddress.optional(), name: z.string().optional() }).optional(),
  'set-name': z.string().optional(),
  macaddress: macAddress.optional(),
})
const bond = z.object({
  ...common,
  interfaces: z.array(z.string()).default([]),
  macaddress: macAddress.optional(),
  parameters: z.object({ mode: z.string().default('balance-rr') }).default({ mode: 'balance-rr' }),
})
const vlan = z.object({ ...common, id: z.number(), link: z.string(), macaddress: macAddress.optional() })

const network = z.object({
  ethernets: z.record(z.string(), ethernet).default({}),
  bonds: z.record(z.string(), bond).default({}),
  vlans: z.record(z.string(), vlan).default({}),
})

type Nics = readonly { name: string; mac: string }[]

/**
 * Reads all of /etc/netplan/*.yaml, in the order of their names, later ones over earlier ones (netplan's own rule).
 * An ethernet whose `match` fits no NIC is not brought up, and a bond has only the members that are there.
 * Throws on YAML that netplan would refuse; a system with such a file comes up without network.
 */
export function readNetplan(files: Record<string, string>, nics: Nics): NetInterface[] {
  const merged = Object.keys(files)
    .filter((path) => /^\/etc\/netplan\/[^/]+\.yaml$/.test(path))
    .sort()
    .reduce<unknown>((all, path) => merge(all, parse(files[path] ?? '')?.network), {})
  const config = network.parse(merged)
  const built = new Map<string, NetInterface>()

  for (const [id, wanted] of Object.entries(config.ethernets)) {
    const nic = findNic(id, wanted.match, nics)
    if (!nic) continue
    const name = wanted['set-name'] ?? nic.name
    const { dhcp4, optional } = wanted
    built.set(id, {
      name,
      kind: 'ethernet',
      mac: wanted.macaddress ?? nic.mac,
      dhcp4,
      optional,
      nics: [nic.name],
      singleActive: true,
      ...ip6Of(wanted),
    })
  }
  for (const [id, wanted] of Object.entries(config.bonds)) {
    const members = wanted.interfaces.flatMap((member) => built.get(member) ?? [])
    const mac = wanted.macaddress ?? members[0]?.mac
    if (!mac) continue
    for (const member of wanted.interfaces) built.delete(member)
    const { dhcp4, optional } = wanted
    const singleActive = wanted.parameters.mode === 'active-backup'
    built.set(id, {
      name: id,
      kind: 'bond',
      mac,
      dhcp4,
      optional,
      nics: members.flatMap((m) => m.nics),
      singleActive,
      ...ip6Of(wanted),
      ...(wanted.parameters.mode === '802.3ad' ? { lacp: true } : {}),
      ...(['balance-tlb', 'balance-alb'].includes(wanted.parameters.mode) ? { ownMacs: true } : {}),
    })
  }
  for (const [id, wanted] of Object.entries(config.vlans)) {
    const link = built.get(wanted.link)
    if (!link) continue
    const { dhcp4, optional } = wanted
    const mac = wanted.macaddress ?? link.mac
    built.set(id, {
      name: id,
      kind: 'vlan',
      mac,
      dhcp4,
      optional,
      nics: [],
      singleActive: true,
      link: link.name,
      vlan: wanted.id,
      ...ip6Of(wanted),
    })
  }
  return [...built.values()]
}

function ip6Of(wanted: { 'accept-ra': boolean; addresses: readonly string[] }): Partial<NetInterface> {
  const ip6 = wanted.addresses.flatMap((one) => (one.includes(':') ? [one.split('/')[0] ?? ''] : []))
  return {
    ...(wanted['accept-ra'] ? {} : { ignoresRa: true }),
    ...(ip6.length > 0 ? { ip6 } : {}),
  }
}

function findNic(
  id: string,
  match: { macaddress?: string | undefined; name?: string | undefined } | undefined,
  nics: Nics,
) {
  if (!match) return nics.find((nic) => nic.name === id)
  return nics.find(
    (nic) =>
      (match.macaddress === undefined || nic.mac === match.macaddress) &&
      (match.name === undefined || new RegExp(`^${match.name.replaceAll('*', '.*')}$`).test(nic.name)),
  )
}

/** Deep merge of maps; anything else, lists and null too, replaces what was there. */
export function merge(under: unknown, over: unknown): unknown {
  if (over === undefined) return under
  if (!isMap(under) || !isMap(over)) return over
  const all: Record<string, unknown> = { ...under }
  for (const [key, value] of Object.entries(over)) all[key] = merge(all[key], value)
  return all
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

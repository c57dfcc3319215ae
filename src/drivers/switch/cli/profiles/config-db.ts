import { z } from 'zod'
import { FerruleError } from '../../../../domain/errors.ts'
import type { SeenConfig, SeenPort } from '../profile.ts'

/** A table with its keys: "Vlan100", "Vlan100|Ethernet0". What is in a row that nobody here reads is let be. */
function table<T extends z.ZodType>(row: T) {
  return z.record(z.string(), row).default({})
}

const anyRow = table(z.unknown())

/** The tables of SONiC's CONFIG_DB that say which VLANs pass; `config save` writes the same to a file. */
const configDb = z.object({
  VLAN: anyRow,
  VLAN_MEMBER: table(z.object({ tagging_mode: z.string().optional() })),
  PORT: table(z.object({ admin_status: z.string().optional(), mode: z.string().optional() })),
  PORTCHANNEL: table(z.object({ admin_status: z.string().optional(), mode: z.string().optional() })),
  PORTCHANNEL_MEMBER: anyRow,
  INTERFACE: anyRow,
  PORTCHANNEL_INTERFACE: anyRow,
})

type ConfigDb = z.output<typeof configDb>

/** @throws switch-refused if it is no CONFIG_DB */
export function parseConfigDb(text: string): SeenConfig {
  if (text.trim() === '') return { ports: new Map(), vlans: new Map() }
  const db = read(text)
  const vlans = new Map<number, string | null>()
  for (const key of Object.keys(db.VLAN)) {
    const vlan = vlanOf(key)
    if (vlan !== null) vlans.set(vlan, null)
  }
  const rows = [...Object.entries(db.PORT), ...Object.entries(db.PORTCHANNEL)]
  return { ports: new Map(rows.map(([name, row]) => [name, portOf(db, name, row)])), vlans }
}

function portOf(db: ConfigDb, name: string, row: ConfigDb['PORT'][string]): SeenPort {
  const members = Object.entries(db.VLAN_MEMBER).flatMap(([key, { tagging_mode }]) => {
    const [vlan, port] = key.split('|')
    const number = vlanOf(vlan ?? '')
    return port === name && number !== null ? [{ vlan: number, tagging: tagging_mode ?? 'untagged' }] : []
  })
  const tagged = members.filter(({ tagging }) => tagging === 'tagged').map(({ vlan }) => vlan)
  const untagged = members.filter(({ tagging }) => tagging === 'untagged').map(({ vlan }) => vlan)
  const allowed = tagged.sort((a, b) => a - b)
  const native = untagged[0] ?? null
  const mode = allowed.length > 0 ? 'trunk' : 'access'
  const enabled = row.admin_status === 'up'
  return {
    settings: { mode, access: native, native, allowed, enabled },
    state: { mode, untagged: native, tagged: allowed, enabled },
    undriven: whyNot(db, name, row.mode, untagged.length, members.length - allowed.length - untagged.length),
  }
}

function whyNot(
  db: ConfigDb,
  name: string,
  mode: string | undefined,
  untagged: number,
  otherwise: number,
): string | null {
  const key = (one: string) => one === name || one.startsWith(`${name}|`)
  if (Object.keys(db.PORTCHANNEL_MEMBER).some((one) => one.endsWith(`|${name}`))) {
    return 'it is a member of a port channel: name that one in the rack file'
  }
  if ([...Object.keys(db.INTERFACE), ...Object.keys(db.PORTCHANNEL_INTERFACE)].some(key)) {
    return 'it is a routed port'
  }
  if (mode !== undefined && mode !== 'trunk') return `its mode is "${mode}", and not trunk`
  if (untagged > 1) return `it is untagged in ${untagged} VLANs`
  return otherwise > 0 ? 'it is a member of a VLAN in another way than tagged or untagged' : null
}

function vlanOf(key: string): number | null {
  const match = /^Vlan(\d{1,4})$/.exec(key)
  return match ? Number(match[1]) : null
}

function read(text: string): ConfigDb {
  try {
    return configDb.parse(JSON.parse(text))
  } catch {
    // the library's words may quote the configuration
    throw new FerruleError(
      'switch-refused',
      'A SONiC switch shows a configuration that cannot be read: it is no CONFIG_DB in JSON',
      'Look at what `sonic-cfggen -d --print-data` and /etc/sonic/config_db.json are on the switch.',
    )
  }
}

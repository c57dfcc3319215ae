import { z } from 'zod'
import { colonMac } from '../colon-mac.ts'
import { noSuchPort, refused } from '../https/errors.ts'
import { portState } from '../switchport/state.ts'
import { parseVlanList } from '../switchport/vlan-list.ts'
import type { Announcement, LearnedMac, PortState } from '../types.ts'
import type { NxCli } from './cli.ts'

/** NX-OS writes a table of one row as that row, and one of none as an empty text. */
function table<T extends z.ZodType>(name: string, row: T) {
  const rows = z.union([z.array(row), row.transform((one) => [one])])
  const found = z
    .looseObject({ [`TABLE_${name}`]: z.looseObject({ [`ROW_${name}`]: rows }).optional() })
    .transform((body) => body[`TABLE_${name}`]?.[`ROW_${name}`] ?? [])
  // What the two computed names hold is `rows`; the types of computed keys lose it.
  return z.union([z.literal('').transform(() => []), found]).transform((all) => all as z.output<T>[])
}

const switchports = table(
  'interface',
  z.looseObject({
    interface: z.string(),
    switchport: z.string(),
    oper_mode: z.string().optional(),
    access_vlan: z.coerce.number().optional(),
    native_vlan: z.coerce.number().optional(),
    trunk_vlans: z.string().optional(),
  }),
)
const briefs = table(
  'interface',
  z.looseObject({ interface: z.string(), state_rsn_desc: z.string().optional() }),
)
/** The field without `-utf` holds some releases' own byte order. */
const vlanRows = table(
  'vlanbriefxbrief',
  z.looseObject({ 'vlanshowbr-vlanid-utf': z.coerce.number(), 'vlanshowbr-vlanname': z.string() }),
)
const macRows = table(
  'mac_address',
  z.looseObject({ disp_mac_addr: z.string(), disp_vlan: z.coerce.string(), disp_port: z.string() }),
)

/** A neighbour that names no port has no port id here. */
const neighbourRows = table(
  'nbor_detail',
  z.looseObject({
    l_port_id: z.string(),
    port_id: z.string().optional(),
    ttl: z.coerce.number().optional().catch(undefined),
  }),
)

/** A port that carries no VLANs of its own has the reason in the place of its state. */
export type Look = ReadonlyMap<string, PortState | string>

/** The switch at one moment: one request. @throws switch-refused, and what the client throws */
export async function lookAt(cli: NxCli): Promise<Look> {
  const commands = ['show interface switchport', 'show interface brief']
  const [first, second] = await cli.show(commands)
  const modes = new Map(parsed(cli, commands[0], switchports, first).map((row) => [row.interface, row]))
  const ports = new Map<string, PortState | string>()
  for (const { interface: name, state_rsn_desc: reason = '' } of parsed(cli, commands[1], briefs, second)) {
    const mode = modes.get(name)
    const enabled = !/administratively down|err-?disabled/i.test(reason)
    ports.set(name, mode ? stateOf(mode, enabled) : ': it is routed, or a member of a port-channel')
  }
  return ports
}

export function portOf(address: string, look: Look, port: string): PortState {
  const state = look.get(port)
  if (typeof state === 'object') return state
  throw noSuchPort(address, port, state ?? '')
}

export async function readVlans(cli: NxCli): Promise<{ vlan: number; description: string | null }[]> {
  const [body] = await cli.show(['show vlan brief'])
  return parsed(cli, 'show vlan brief', vlanRows, body).map((row) => ({
    vlan: row['vlanshowbr-vlanid-utf'],
    description: row['vlanshowbr-vlanname'],
  }))
}

/** Of one port, or of all; an entry of the switch itself is on a port that is none. */
export async function readMacs(cli: NxCli, port: string | null): Promise<LearnedMac[]> {
  const command = port === null ? 'show mac address-table' : `show mac address-table interface ${port}`
  const [body] = await cli.show([command])
  return parsed(cli, command, macRows, body).map((row) => ({
    port: row.disp_port,
    mac: (row.disp_mac_addr.replaceAll('.', '').match(/../g) ?? []).join(':').toLowerCase(),
    vlan: Number(row.disp_vlan),
  }))
}

/** Only MAC addresses are looked for: it does not tell what kind of port id it shows. */
export async function readAnnouncements(cli: NxCli): Promise<Announcement[]> {
  const command = 'show lldp neighbors detail'
  const [body] = await cli.show([command])
  return parsed(cli, command, neighbourRows, body).flatMap(({ l_port_id: port, port_id: id = '', ttl }) => {
    const mac = colonMac(id)
    return mac === null ? [] : [{ port, mac, ttl: ttl ?? null }]
  })
}

type Mode = z.infer<typeof switchports>[number]

function stateOf(row: Mode, enabled: boolean): PortState | string {
  if (row.switchport.toLowerCase() !== 'enabled') return ': it is routed, or a member of a port-channel'
  const { oper_mode: mode = 'none', access_vlan: access, native_vlan: native } = row
  const allowed = parseVlanList((row.trunk_vlans ?? '').replaceAll(/\s/g, ''))
  if ((mode !== 'access' && mode !== 'trunk') || allowed === null) return `: its mode is ${mode}`
  if (access === undefined || native === undefined) return ': its VLANs are not shown'
  return portState({ mode, access, native, allowed, enabled })
}

function parsed<T extends z.ZodType>(
  cli: NxCli,
  command: string | undefined,
  schema: T,
  body: unknown,
): z.output<T> {
  const result = schema.safeParse(body ?? '')
  if (result.success) return result.data
  const where = result.error.issues[0]?.path.join('.') ?? ''
  throw refused(cli.address, command ?? '', `its answer is not that of NX-OS (${where})`)
}

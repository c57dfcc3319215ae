import { z } from 'zod'
import { noSuchPort, refused } from '../https/errors.ts'
import { portState } from '../switchport/state.ts'
import { parseVlanList } from '../switchport/vlan-list.ts'
import type { LearnedMac, PortState } from '../types.ts'
import type { EapiRpc } from './rpc.ts'

const switchports = z.looseObject({
  switchports: z.record(
    z.string(),
    z.looseObject({
      enabled: z.boolean(),
      switchportInfo: z.looseObject({
        mode: z.string(),
        accessVlanId: z.int(),
        trunkingNativeVlanId: z.int(),
        trunkAllowedVlans: z.string(),
      }),
    }),
  ),
})
const statuses = z.looseObject({
  interfaceStatuses: z.record(z.string(), z.looseObject({ linkStatus: z.string() })),
})
const sessions = z.looseObject({
  sessions: z.record(z.string(), z.looseObject({ state: z.string() })),
})
const vlans = z.looseObject({ vlans: z.record(z.string(), z.looseObject({ name: z.string() })) })
const macs = z.looseObject({
  unicastTable: z.looseObject({
    tableEntries: z.array(
      z.looseObject({ vlanId: z.int(), macAddress: z.string(), interface: z.string().optional() }),
    ),
  }),
})

/** Until somebody confirms it, the switch takes such a commit back when its time is up. */
const UNCONFIRMED = 'pendingCommitTimer'

/** The switch at one moment: one request. */
export interface Look {
  /** A port that carries no VLANs of its own has the reason in the place of its state. */
  ports: ReadonlyMap<string, PortState | string>
  /** Configuration sessions by name: pending, pendingCommitTimer, completed. */
  sessions: ReadonlyMap<string, string>
}

/** @throws switch-refused when an answer is not that of EOS, and what the client throws */
export async function lookAt(rpc: EapiRpc, signal?: AbortSignal): Promise<Look> {
  const commands = [
    'show interfaces switchport',
    'show interfaces status',
    'show configuration sessions detail',
  ]
  const [first, second, third] = await rpc.json(commands, signal)
  const modes = parsed(rpc, commands[0], switchports, first).switchports
  const links = parsed(rpc, commands[1], statuses, second).interfaceStatuses
  const open = parsed(rpc, commands[2], sessions, third).sessions
  const ports = new Map<string, PortState | string>()
  for (const [name, { linkStatus }] of Object.entries(links)) {
    const mode = modes[name]
    ports.set(
      name,
      mode
        ? stateOf(mode, linkStatus !== 'disabled' && linkStatus !== 'errdisabled')
        : ': it is routed, or a member of a port-channel',
    )
  }
  return {
    ports,
    sessions: new Map(Object.entries(open).map(([name, { state }]) => [name, state])),
  }
}

export function portOf(address: string, look: Look, port: string): PortState {
  const state = look.ports.get(port)
  if (typeof state === 'object') return state
  throw noSuchPort(address, port, state ?? '')
}

/** The sessions whose commit the switch will take back by itself. */
export function unconfirmed(look: Look): string[] {
  return [...look.sessions].filter(([, state]) => state === UNCONFIRMED).map(([name]) => name)
}

export async function readVlans(rpc: EapiRpc): Promise<{ vlan: number; description: string | null }[]> {
  const [shown] = await rpc.json(['show vlan'])
  const table = parsed(rpc, 'show vlan', vlans, shown).vlans
  return Object.entries(table).map(([vlan, { name }]) => ({ vlan: Number(vlan), description: name }))
}

/** Of one port, or of all; an entry of the switch itself is on a port that is none. */
export async function readMacs(rpc: EapiRpc, port: string | null): Promise<LearnedMac[]> {
  const command = port === null ? 'show mac address-table' : `show mac address-table interface ${port}`
  const [shown] = await rpc.json([command])
  return parsed(rpc, command, macs, shown).unicastTable.tableEntries.map((entry) => ({
    port: entry.interface ?? '',
    mac: entry.macAddress.toLowerCase(),
    vlan: entry.vlanId,
  }))
}

type Mode = z.infer<typeof switchports>['switchports'][string]

function stateOf({ enabled: layer2, switchportInfo: info }: Mode, enabled: boolean): PortState | string {
  if (!layer2) return ': it is routed'
  const { mode } = info
  const allowed = parseVlanList(info.trunkAllowedVlans)
  if ((mode !== 'access' && mode !== 'trunk') || allowed === null) return `: its mode is ${mode}`
  return portState({
    mode,
    access: info.accessVlanId,
    // `switchport trunk native vlan tag` is shown as VLAN 0
    native: info.trunkingNativeVlanId === 0 ? null : info.trunkingNativeVlanId,
    allowed,
    enabled,
  })
}

/** @throws switch-refused */
export function parsed<T extends z.ZodType>(
  rpc: EapiRpc,
  command: string | undefined,
  schema: T,
  shown: unknown,
): z.output<T> {
  const result = schema.safeParse(shown)
  if (result.success) return result.data
  const where = result.error.issues[0]?.path.join('.') ?? ''
  throw refused(rpc.address, command ?? '', `its answer is not that of EOS (${where})`)
}

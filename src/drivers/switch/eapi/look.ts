import { z } from 'zod'
import { noSuchPort, refused } from '../https/errors.ts'
import { portState } from '../switchport/state.ts'
import { parseVlanList } from '../switchport/vlan-list.ts'
import type { LearnedMac, PortState } from '../types.ts'
import { channelName, lacpGroups, memberState } from './channels.ts'
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
  /** Ports that nobody has shut. */
  open: ReadonlySet<string>
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
  const isOpen = new Set<string>()
  for (const [name, { linkStatus }] of Object.entries(links)) {
    const mode = modes[name]
    const enabled = linkStatus !== 'disabled' && linkStatus !== 'errdisabled'
    if (enabled) isOpen.add(name)
    ports.set(name, mode ? stateOf(mode, enabled) : ': it is routed, or a member of a port-channel')
  }
  return {
    ports,
    open: isOpen,
    sessions: new Map(Object.entries(open).map(([name, { state }]) => [name, state])),
  }
}

/**
 * Of a member of a LAG its VLANs are the LAG's, and only the configuration tells which LAG that is: it is asked for where
 * one of these ports carries no VLANs of its own. @throws as lookAt, and not-found
 */
export async function statesOf(
  rpc: EapiRpc,
  look: Look,
  ports: readonly string[],
  signal?: AbortSignal,
): Promise<Map<string, PortState>> {
  const maybeMembers = ports.some((port) => typeof look.ports.get(port) === 'string')
  const [text = ''] = maybeMembers ? await rpc.text(['show running-config'], signal) : []
  const groups = lacpGroups(text)
  return new Map(
    ports.map((port) => {
      const lag = groups.get(port)
      if (lag === undefined) return [port, portOf(rpc.address, look, port)] as const
      const channel = look.ports.get(channelName(lag))
      const state = typeof channel === 'object' ? channel : undefined
      return [port, memberState(lag, state, look.open.has(port))] as const
    }),
  )
}

function portOf(address: string, look: Look, port: string): PortState {
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

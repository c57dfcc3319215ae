import { normalPort, samePort } from '../port-state.ts'
import type { PortMove } from '../switchport/planned.ts'
import { formatVlanList } from '../switchport/vlan-list.ts'
import type { PortState, SwitchChange } from '../types.ts'
import { BRIDGE } from './config.ts'
import { steps } from './phases.ts'

/** The words of `nv` for what the payloads below do, revision by revision: for people. */
export function planPorts(
  current: ReadonlyMap<string, PortState>,
  wanted: ReadonlyMap<string, PortState>,
  vlansPresent: ReadonlySet<number>,
): SwitchChange[] {
  const known = new Set(vlansPresent)
  return [...wanted].flatMap(([port, want]) => {
    const now = current.get(port)
    if (!now) throw new Error(`plan without the current state of ${port}`)
    if (samePort(now, want)) return []
    const missing = vlansOf(want).filter((vlan) => !known.has(vlan))
    for (const vlan of missing) known.add(vlan)
    const made = missing.length > 0 ? [`nv set bridge domain ${BRIDGE} vlan ${formatVlanList(missing)}`] : []
    const way = [now, ...steps(now, want)]
    const lines = way
      .slice(1)
      .flatMap((state, index) => [
        ...(index === 0 ? made : []),
        ...stepLines(port, way[index] ?? now, state),
        'nv config apply',
      ])
    return { port, lines }
  })
}

function stepLines(port: string, now: PortState, want: PortState): string[] {
  const link = now.enabled === want.enabled ? [] : [`nv set interface ${port} link state ${linkOf(want)}`]
  if (!vlansMove({ before: now, wanted: want })) return link
  const at = `interface ${port} bridge domain ${BRIDGE}`
  const { untagged, tagged } = normalPort(want)
  if (tagged.length === 0) {
    return [`nv unset ${at}`, ...(untagged === null ? [] : [`nv set ${at} access ${untagged}`]), ...link]
  }
  const native = `nv set ${at} untagged ${untagged ?? 'none'}`
  return [`nv unset ${at}`, native, `nv set ${at} vlan ${formatVlanList(vlansOf(want))}`, ...link]
}

/** Two patches of one revision: all that the ports had goes, all that is wanted comes. So the sets are absolute. */
export function payloads(moves: ReadonlyMap<string, PortMove>): { unset: object | null; set: unknown } {
  const ports = [...moves]
  const changed = ports.filter(([, move]) => vlansMove(move))
  const vlans = changed.flatMap(([, { wanted }]) => vlansOf(wanted))
  const none = { bridge: { domain: { [BRIDGE]: null } } }
  return {
    unset:
      changed.length === 0 ? null : { interface: Object.fromEntries(changed.map(([port]) => [port, none])) },
    set: {
      interface: Object.fromEntries(ports.map(([port, move]) => [port, portPayload(move)])),
      ...(vlans.length > 0 ? { bridge: { domain: { [BRIDGE]: { vlan: keysOf(vlans) } } } } : {}),
    },
  }
}

function portPayload(move: PortMove): unknown {
  const { before, wanted } = move
  return {
    ...(vlansMove(move) && vlansOf(wanted).length > 0
      ? { bridge: { domain: { [BRIDGE]: membership(wanted) } } }
      : {}),
    ...(before.enabled === wanted.enabled ? {} : { link: { state: linkPayload(wanted) } }),
  }
}

function membership(state: PortState): unknown {
  const { untagged, tagged } = normalPort(state)
  return tagged.length > 0
    ? { untagged: untagged ?? 'none', vlan: keysOf(vlansOf(state)) }
    : { access: untagged }
}

function vlansMove({ before, wanted }: PortMove): boolean {
  return !samePort({ ...before, enabled: true }, { ...wanted, enabled: true })
}

/** Which VLANs the bridge must know for a port. */
export function vlansOf({ untagged, tagged }: PortState): number[] {
  return untagged === null ? [...tagged] : [untagged, ...tagged].sort((a, b) => a - b)
}

/** The tree is merged: the other word would stay beside. */
function linkPayload({ enabled }: PortState): unknown {
  return enabled ? { up: {}, down: null } : { down: {}, up: null }
}

function linkOf(state: PortState): string {
  return state.enabled ? 'up' : 'down'
}

function keysOf(vlans: readonly number[]): Record<string, object> {
  return Object.fromEntries(vlans.map((vlan) => [String(vlan), {}]))
}

import { normalPort, samePort } from '../port-state.ts'
import type { PortMove } from '../switchport/planned.ts'
import type { PortState } from '../types.ts'

/**
 * The states through which a port goes, one revision each. A revision is applied by commands, one after another:
 * ifupdown2 sets the new untagged VLAN first, then takes old VLANs away, then adds new ones, so that for a moment both are there.
 * So a port whose untagged VLAN moves is shut, changed, and opened; and where it stays, old tagged VLANs go in a revision
 * before the one that brings new ones, without touching the link.
 */
export function steps(now: PortState, want: PortState): PortState[] {
  const all =
    now.untagged === want.untagged && now.enabled === want.enabled
      ? shrinkAndGrow(now, want)
      : shut(now, want)
  return all.filter((state, index) => !samePort(state, all[index - 1] ?? now))
}

/** What each revision has to change, in their order. */
export function phases(moves: ReadonlyMap<string, PortMove>): ReadonlyMap<string, PortMove>[] {
  const ways = [...moves].map(([port, { before, wanted }]) => ({
    port,
    way: [before, ...steps(before, wanted)],
  }))
  const longest = Math.max(...ways.map(({ way }) => way.length))
  return Array.from({ length: longest - 1 }, (_, index) => {
    const phase = new Map<string, PortMove>()
    for (const { port, way } of ways) {
      const before = way[index]
      const wanted = way[index + 1]
      if (before && wanted) phase.set(port, { before, wanted })
    }
    return phase
  })
}

function shut(now: PortState, want: PortState): PortState[] {
  return [{ ...now, enabled: false }, { ...want, enabled: false }, want]
}

function shrinkAndGrow(now: PortState, want: PortState): PortState[] {
  const stay = now.tagged.filter((vlan) => want.tagged.includes(vlan))
  return [normalPort({ ...now, tagged: stay }), want]
}

import { samePort } from '../port-state.ts'
import type { PortState } from '../types.ts'
import type { PortChange, PortSettings, Step } from './profile.ts'
import { withVlan } from './vlan-list.ts'

export interface PhaseLines {
  createVlan(vlan: number): readonly string[]
  /** From one state of the port to another. */
  move(port: string, now: PortState, want: PortState): readonly string[]
}

/**
 * For switches on which a commit comes into force line by line: the states on the way, each with a commit of its own.
 * `way` says which they are.
 */
export function phasesPlan(
  lines: PhaseLines,
  way: (now: PortState, want: PortState) => readonly PortState[],
): (change: PortChange) => Step[] {
  return ({ port, now, want, missing }) => {
    if (samePort(now, want)) return []
    const states = [now, ...way(now, want)]
    return states.slice(1).map((state, index) => ({
      lines: [
        ...(index === 0 ? missing.flatMap((vlan) => lines.createVlan(vlan)) : []),
        ...lines.move(port, states[index] ?? now, state),
      ],
      vlans: missing,
      settings: settingsOf(state),
    }))
  }
}

function settingsOf({ untagged, tagged, enabled }: PortState): Partial<PortSettings> {
  return tagged.length > 0
    ? { mode: 'trunk', native: untagged, allowed: withVlan(tagged, untagged), enabled }
    : { mode: 'access', access: untagged, enabled }
}

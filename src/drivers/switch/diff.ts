import { isParked, samePort } from './port-state.ts'
import type { PortState, SwitchFence } from './types.ts'

export type PortMap = ReadonlyMap<string, PortState>

/**
 * The ports that need a write. A port that already carries the right VLANs but is not prepared for more is written
 * only where its host rests: the reshaping drops the link, and a running server must not feel a comparison.
 */
export function portsToChange(current: PortMap, wanted: PortMap, fence: SwitchFence): string[] {
  return [...wanted.keys()].filter((port) => {
    const now = current.get(port)
    const want = wanted.get(port)
    if (!now || !want || !samePort(now, want)) return true
    return now.prepared === false && isParked(want, fence)
  })
}

/** The ports on which the observed state is not the wanted one. */
export function differing(observed: PortMap, wanted: PortMap): string[] {
  return [...wanted.keys()].filter((port) => {
    const seen = observed.get(port)
    const want = wanted.get(port)
    return !seen || !want || !samePort(seen, want)
  })
}

export function onlyPorts(states: PortMap, ports: Iterable<string>): Map<string, PortState> {
  const chosen = new Map<string, PortState>()
  for (const port of ports) {
    const state = states.get(port)
    if (state) chosen.set(port, state)
  }
  return chosen
}

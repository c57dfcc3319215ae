import { samePort } from '../port-state.ts'
import { newVlans, portLines, wholeLines } from '../switchport/plan.ts'
import { eosFallback } from '../switchport/pre-made-lag.ts'
import { FACTORY_VLAN } from '../switchport/state.ts'
import type { PortState, SwitchChange, SwitchLags } from '../types.ts'
import { channelName } from './channels.ts'

/**
 * The lines of one configuration session, whose commit puts all of them in force together. A port that comes into a LAG
 * or leaves it has its own VLANs set as wanted too: as long as it is a member they sleep, and whoever takes it out by hand
 * wakes nobody else's.
 */
export function planEos(
  current: ReadonlyMap<string, PortState>,
  wanted: ReadonlyMap<string, PortState>,
  vlansPresent: ReadonlySet<number>,
  ownLags: SwitchLags,
): SwitchChange[] {
  const known = new Set([...vlansPresent, FACTORY_VLAN])
  const made = new Set<number>()
  const changes: SwitchChange[] = []
  for (const [port, want] of wanted) {
    const now = current.get(port)
    if (!now) throw new Error(`plan without the current state of ${port}`)
    if (samePort(now, want)) continue
    const vlans = newVlans(want, known)
    if (now.lag === undefined && want.lag === undefined) {
      changes.push({ port, lines: [...vlans, `interface ${port}`, ...portLines(now, want)] })
      continue
    }
    const channel =
      want.lag === undefined || made.has(want.lag) ? [] : channelLines(want.lag, want, current, ownLags)
    if (want.lag !== undefined) made.add(want.lag)
    changes.push({ port, lines: [...vlans, ...channel, `interface ${port}`, ...memberLines(now, want)] })
  }
  return withLeftovers(changes, leftovers(current, wanted, ownLags))
}

function memberLines(now: PortState, want: PortState): string[] {
  return [
    ...wholeLines(want),
    ...(now.lag !== undefined && now.lag !== want.lag ? [' no channel-group'] : []),
    ...(want.lag !== undefined && now.lag !== want.lag ? [` channel-group ${want.lag} mode active`] : []),
  ]
}

function channelLines(
  lag: number,
  want: PortState,
  current: ReadonlyMap<string, PortState>,
  ownLags: SwitchLags,
): string[] {
  const hasMember = [...current.values()].some((state) => state.lag === lag)
  return [
    // nobody knows what somebody left on it
    ...(ownLags.has(lag) && !hasMember ? [gone(lag)] : []),
    `interface ${channelName(lag)}`,
    ...wholeLines(want),
    ` ${eosFallback.line}`,
  ]
}

/** Every LAG of ours that has no member any more, whoever left it so. */
function leftovers(
  current: ReadonlyMap<string, PortState>,
  wanted: ReadonlyMap<string, PortState>,
  ownLags: SwitchLags,
): string[] {
  return [...ownLags].flatMap(([lag, members]) => {
    const stay = members.filter((port) => (wanted.get(port) ?? current.get(port))?.lag === lag)
    const strangers = members.filter((port) => !current.has(port))
    const come = [...wanted.values()].some((want) => want.lag === lag)
    return stay.length > 0 || strangers.length > 0 || come ? [] : [gone(lag)]
  })
}

/** After the last member has left it. */
function withLeftovers(changes: SwitchChange[], lines: readonly string[]): SwitchChange[] {
  const last = changes.at(-1)
  if (!last || lines.length === 0) return changes
  return [...changes.slice(0, -1), { ...last, lines: [...last.lines, ...lines] }]
}

function gone(lag: number): string {
  return `no interface ${channelName(lag)}`
}

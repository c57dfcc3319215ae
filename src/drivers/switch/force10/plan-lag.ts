import { samePort } from '../port-state.ts'
import type { PortState, SwitchChange, SwitchLags } from '../types.ts'
import { LACP } from './batch.ts'
import { channelName } from './ports.ts'

/** The lines that bring one port, or one port-channel, from one state without a LAG to another one. */
export type PortLines = (port: string, now: PortState, want: PortState) => string[]

/** As OS9 leaves a port that is in no VLAN, and as it must be to come into a port-channel. */
const bare = (enabled: boolean): PortState => ({
  mode: 'access',
  untagged: null,
  tagged: [],
  enabled,
  prepared: false,
})

/**
 * The lines of ports that come into LAGs, leave them or stay in them. A port is shut while it comes or leaves, without
 * VLANs of its own while it is a member, and the VLANs are the port-channel's, which is there before its first member
 * and gone after its last one.
 */
export class LagPlan {
  readonly #current: ReadonlyMap<string, PortState>
  readonly #wanted: ReadonlyMap<string, PortState>
  readonly #own: SwitchLags
  readonly #portLines: PortLines
  /** The LAGs whose own lines stand in the change of some port already. */
  readonly #done = new Set<number>()

  constructor(
    current: ReadonlyMap<string, PortState>,
    wanted: ReadonlyMap<string, PortState>,
    own: SwitchLags,
    portLines: PortLines,
  ) {
    this.#current = current
    this.#wanted = wanted
    this.#own = own
    this.#portLines = portLines
  }

  lines(port: string, now: PortState, want: PortState): string[] {
    if (want.lag !== undefined && want.lag === now.lag) return this.#stay(port, want.lag, now, want)
    // of a member that carries nothing it is not known whether itself or its port-channel is shut
    const from = now.lag === undefined ? now : bare(true)
    const lines = this.#portLines(
      port,
      alone(from),
      want.lag === undefined ? alone(want) : bare(want.enabled),
    )
    // from one LAG to another nothing of the port itself changes, and yet it has to be shut meanwhile and open then
    if (lines.length === 0 && want.enabled)
      lines.push(`interface ${port}`, ' shutdown', `interface ${port}`, ' no shutdown')
    // after the line that shuts it, before any that gives it something of its own
    const shut = lines[1] === ' shutdown' ? 2 : 0
    if (now.lag !== undefined) lines.splice(shut, 0, `interface ${port}`, ' no port-channel-protocol lacp')
    if (want.lag === undefined) return lines
    const open = lines.at(-1) === ' no shutdown' ? lines.length - 2 : lines.length
    lines.splice(
      open,
      0,
      ...this.#make(want.lag, want),
      `interface ${port}`,
      // a change that was cut off can have left it hybrid, which does not show on a port that is in no VLAN
      ...(from.untagged === null && from.tagged.length === 0 ? [' no portmode hybrid'] : []),
      LACP,
      `  port-channel ${want.lag} mode active`,
    )
    return lines
  }

  /** For the end of the plan: every LAG of ours that has no member any more, whoever left it so. */
  leftovers(): string[] {
    return [...this.#own.keys()]
      .filter((lag) => !this.#done.has(lag) && this.#membersAfter(lag).length === 0)
      .map(gone)
  }

  #make(lag: number, want: PortState): string[] {
    if (this.#done.has(lag)) return []
    this.#done.add(lag)
    const stayers = this.#membersAfter(lag).flatMap((port) => this.#current.get(port) ?? [])
    const [now] = stayers.filter((state) => state.lag === lag)
    if (now) {
      const enabled = stayers.some((state) => state.lag === lag && state.enabled)
      return this.#portLines(channelName(lag), alone({ ...now, enabled }), alone(want))
    }
    // nobody knows which VLANs somebody left on it
    const leftover = this.#own.has(lag) ? [gone(lag)] : []
    return [...leftover, ...this.#portLines(channelName(lag), bare(false), alone(want))]
  }

  #stay(port: string, lag: number, now: PortState, want: PortState): string[] {
    if (samePort(now, want) && now.prepared !== false) return []
    const lines = this.#make(lag, want)
    if (now.enabled !== want.enabled)
      lines.push(`interface ${port}`, want.enabled ? ' no shutdown' : ' shutdown')
    return lines
  }

  #membersAfter(lag: number): string[] {
    const members = new Set(this.#own.get(lag) ?? [])
    for (const [port, { lag: now }] of this.#current) if (now === lag) members.add(port)
    for (const [port, want] of this.#wanted) {
      if (want.lag === lag) members.add(port)
      else members.delete(port)
    }
    return [...members]
  }
}

/** Into the last change: nothing stands between it and the opening of the ports. */
export function withLeftovers(changes: SwitchChange[], leftovers: readonly string[]): SwitchChange[] {
  const last = changes.at(-1)
  if (!last || leftovers.length === 0) return changes
  return [...changes.slice(0, -1), { ...last, lines: [...last.lines, ...leftovers] }]
}

function alone({ lag: _, ...state }: PortState): PortState {
  return state
}

function gone(lag: number): string {
  return `no interface ${channelName(lag)}`
}

import { type VlanSteps, vlanSteps, vlanStepsFromEmpty } from '../order.ts'
import { samePort } from '../port-state.ts'
import type { PortState, SwitchChange, SwitchLags } from '../types.ts'
import { LagPlan, withLeftovers } from './plan-lag.ts'

/** Put on VLANs that we create, so that an operator sees whose they are. */
export const VLAN_DESCRIPTION = 'ferrule'

export interface Os9PlanContext {
  vlansPresent: ReadonlySet<number>
  /** The VLAN into which OS9 drops a switchport that is untagged nowhere; nobody is put in or out of it by name. */
  defaultVlan: number | null
  ownLags: SwitchLags
}

/** What a port must be to take the wanted VLANs: hybrid for untagged (and tagged), plain for tagged only, none. */
type Shape = 'hybrid' | 'tagged-only' | 'none'

/**
 * The CLI lines per port, in the order: shut, tagged out, untagged out, shape, untagged in, tagged in, open.
 *
 * Between the old untagged VLAN and the new one OS9 has the port in the default VLAN, where the host would meet
 * strangers; so a change of the untagged VLAN is bracketed by `shutdown` … `no shutdown`, which also drops the link,
 * so that the host asks DHCP again. A change of tagged VLANs alone never touches the link.
 *
 * `portmode hybrid` is refused on a port in layer-2 mode ("% Error: Port is in Layer-2 mode"), so an unprepared port
 * is emptied, taken out of layer 2 and put back.
 */
export function planOs9(
  current: ReadonlyMap<string, PortState>,
  wanted: ReadonlyMap<string, PortState>,
  context: Os9PlanContext,
): SwitchChange[] {
  const known = new Set(context.vlansPresent)
  const changes: SwitchChange[] = []
  const plain = (port: string, now: PortState, want: PortState) =>
    portLines(port, now, want, known, context.defaultVlan)
  const lags = new LagPlan(current, wanted, context.ownLags, plain)
  for (const [port, want] of wanted) {
    const now = current.get(port)
    if (!now) throw new Error(`plan without the current state of ${port}`)
    const grouped = now.lag !== undefined || want.lag !== undefined
    const lines = grouped ? lags.lines(port, now, want) : plain(port, now, want)
    if (lines.length > 0) changes.push({ port, lines })
  }
  return withLeftovers(changes, lags.leftovers())
}

function portLines(
  port: string,
  now: PortState,
  want: PortState,
  known: Set<number>,
  defaultVlan: number | null,
): string[] {
  const from = shapeNow(now)
  const to = shapeWanted(want)
  if (samePort(now, want) && from === to) return []
  const reshape = from !== to
  const steps = reshape ? vlanStepsFromEmpty(now, want) : vlanSteps(now, want)
  // A plain port that loses its last tagged VLAN falls into the default VLAN too.
  const isolate = reshape || now.untagged !== want.untagged || from === 'tagged-only'
  const lines: string[] = []
  if (now.enabled && (isolate || !want.enabled)) lines.push(`interface ${port}`, ' shutdown')
  lines.push(...removals(port, steps, defaultVlan))
  if (reshape) lines.push(...shapeLines(port, from, to))
  lines.push(...additions(port, steps, known, defaultVlan))
  if (want.enabled && (isolate || !now.enabled)) lines.push(`interface ${port}`, ' no shutdown')
  return lines
}

function shapeNow(state: PortState): Shape | 'access' {
  if (state.prepared !== false) return 'hybrid'
  if (state.untagged !== null) return 'access'
  return state.tagged.length > 0 ? 'tagged-only' : 'none'
}

function shapeWanted(state: PortState): Shape {
  if (state.untagged !== null) return 'hybrid'
  return state.tagged.length > 0 ? 'tagged-only' : 'none'
}

function removals(port: string, steps: VlanSteps, defaultVlan: number | null): string[] {
  const lines = steps.removeTagged.flatMap((vlan) => [`interface vlan ${vlan}`, ` no tagged ${port}`])
  if (steps.removeUntagged !== null && steps.removeUntagged !== defaultVlan) {
    lines.push(`interface vlan ${steps.removeUntagged}`, ` no untagged ${port}`)
  }
  return lines
}

function shapeLines(port: string, from: Shape | 'access', to: Shape): string[] {
  const lines = [`interface ${port}`]
  if (from !== 'none') lines.push(' no switchport')
  if (from === 'hybrid') lines.push(' no portmode hybrid')
  if (to === 'hybrid') lines.push(' portmode hybrid')
  if (to !== 'none') lines.push(' switchport')
  return lines
}

function additions(port: string, steps: VlanSteps, known: Set<number>, defaultVlan: number | null): string[] {
  const lines: string[] = []
  const enter = (vlan: number) => {
    lines.push(`interface vlan ${vlan}`)
    if (!known.has(vlan)) lines.push(` description ${VLAN_DESCRIPTION}`)
    known.add(vlan)
  }
  if (steps.addUntagged !== null && steps.addUntagged !== defaultVlan) {
    enter(steps.addUntagged)
    lines.push(` untagged ${port}`)
  }
  for (const vlan of steps.addTagged) {
    enter(vlan)
    lines.push(` tagged ${port}`)
  }
  return lines
}

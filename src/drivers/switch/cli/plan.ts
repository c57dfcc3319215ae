import { vlanSteps } from '../order.ts'
import { samePort } from '../port-state.ts'
import type { PortState } from '../types.ts'
import type { PortChange, PortSettings, Step } from './profile.ts'
import { everyVlan, withVlan } from './vlan-list.ts'

/** Put on VLANs that we create, so that an operator sees whose they are; some families want a name of its own for each. */
export function vlanName(vlan: number): string {
  return `ferrule-${vlan}`
}

/** The words of a family, each as whole configuration lines. */
export interface CommonLines {
  createVlan(vlan: number): readonly string[]
  shutdown(port: string): readonly string[]
  noShutdown(port: string): readonly string[]
}

export interface DormantLines extends CommonLines {
  access(port: string, vlan: number): readonly string[]
  native(port: string, vlan: number): readonly string[]
  /** The whole list; none if it is empty. */
  allowed(port: string, vlans: readonly number[]): readonly string[]
  mode(port: string, mode: 'access' | 'trunk'): readonly string[]
}

/**
 * For switches that keep the settings of access and of trunk mode beside each other, only one of them in force, and
 * whose native VLAN passes only if the list has it. So the other mode's settings are made while they sleep, and one
 * command changes the mode; a trunk that stays one is narrowed to what it keeps before it is given anything new.
 */
export function dormantPlan(lines: DormantLines): (change: PortChange) => Step[] {
  const stepsOf = (port: string, now: PortState, want: PortState): Step[] => {
    if (want.tagged.length === 0 && want.untagged !== null) {
      const access = want.untagged
      const set: Step = { lines: lines.access(port, access), settings: { access } }
      if (now.mode === 'access') return [set]
      // The list is emptied once it sleeps: whoever makes the port a trunk by hand must not wake up old VLANs.
      const flip = [...lines.mode(port, 'access'), ...lines.allowed(port, [])]
      return [set, { lines: flip, settings: { mode: 'access', access, allowed: [] } }]
    }
    const native = want.untagged ?? unusedNative(want.tagged)
    const allowed = withVlan(want.tagged, want.untagged)
    const whole = { native, allowed }
    if (now.mode === 'access') {
      const asleep = [...lines.allowed(port, allowed), ...lines.native(port, native)]
      return [
        { lines: asleep, settings: whole },
        { lines: lines.mode(port, 'trunk'), settings: { mode: 'trunk', ...whole } },
      ]
    }
    return awake(port, now, want, native, allowed)
  }
  const awake = (
    port: string,
    now: PortState,
    want: PortState,
    native: number,
    allowed: readonly number[],
  ): Step[] => {
    const sameNative = now.untagged === want.untagged
    const before = withVlan(now.tagged, now.untagged)
    const kept = now.tagged.filter((vlan) => want.tagged.includes(vlan))
    const keep = withVlan(kept, sameNative ? now.untagged : null)
    const narrow: Step = { lines: lines.allowed(port, keep), settings: { allowed: keep } }
    const move: Step = { lines: lines.native(port, native), settings: { native, allowed: keep } }
    const widen: Step = { lines: lines.allowed(port, allowed), settings: { native, allowed } }
    return [
      ...(keep.length < before.length ? [narrow] : []),
      ...(sameNative ? [] : [move]),
      ...(keep.length < allowed.length ? [widen] : []),
    ]
  }
  return planned(lines, stepsOf)
}

export interface MemberLines extends CommonLines {
  addTagged(port: string, vlans: readonly number[]): readonly string[]
  removeTagged(port: string, vlans: readonly number[]): readonly string[]
  /** From one untagged VLAN, or none, to another: whatever it takes, so that both are never there together. */
  moveUntagged(port: string, from: number | null, to: number | null): readonly string[]
  /** Where a port has a mode beside its memberships: to trunk before the first tagged VLAN, to access after the last. */
  mode?(port: string, mode: 'access' | 'trunk'): readonly string[]
}

/** For switches on which a port is put into VLANs and taken out, one by one: all that leaves goes before anything comes. */
export function memberPlan(lines: MemberLines): (change: PortChange) => Step[] {
  return planned(lines, (port, now, want) => {
    const steps = vlanSteps(now, want)
    const kept = now.tagged.filter((vlan) => want.tagged.includes(vlan))
    const moves = now.untagged !== want.untagged
    const mode = want.tagged.length > 0 || want.untagged === null ? 'trunk' : 'access'
    const turn = lines.mode && now.mode !== mode ? lines.mode(port, mode) : []
    const middle = [
      ...(mode === 'trunk' ? turn : []),
      ...(moves ? lines.moveUntagged(port, now.untagged, want.untagged) : []),
      ...(mode === 'access' ? turn : []),
    ]
    const untagged = { access: want.untagged, native: want.untagged }
    const after: Partial<PortSettings> = { ...(lines.mode ? { mode } : {}), ...untagged }
    return [
      ...(steps.removeTagged.length > 0
        ? [{ lines: lines.removeTagged(port, steps.removeTagged), settings: { allowed: kept } }]
        : []),
      ...(middle.length > 0 ? [{ lines: middle, settings: { ...after, allowed: kept } }] : []),
      ...(steps.addTagged.length > 0
        ? [{ lines: lines.addTagged(port, steps.addTagged), settings: { ...after, allowed: want.tagged } }]
        : []),
    ]
  })
}

export interface WholeLines extends CommonLines {
  /** All of a port's VLANs, whatever it had. */
  whole(port: string, state: PortState): readonly string[]
}

/** For switches that put lines in force together, with a commit. */
export function wholePlan(lines: WholeLines): (change: PortChange) => Step[] {
  return together(
    planned(lines, (port, _now, want) => {
      const trunk = want.tagged.length > 0 || want.untagged === null
      const { untagged } = want
      const settings = {
        ...(trunk
          ? { mode: 'trunk' as const, native: untagged }
          : { mode: 'access' as const, access: untagged }),
        allowed: withVlan(want.tagged, untagged),
      }
      return [{ lines: lines.whole(port, want), settings }]
    }),
  )
}

/** One step of all, for switches on which only a commit counts. */
export function together(plan: (change: PortChange) => Step[]): (change: PortChange) => Step[] {
  return (change) => {
    const steps = plan(change)
    if (steps.length === 0) return []
    return [
      {
        lines: steps.flatMap((step) => step.lines),
        vlans: steps.flatMap((step) => step.vlans ?? []),
        settings: Object.fromEntries(steps.flatMap((step) => Object.entries(step.settings ?? {}))),
      },
    ]
  }
}

/** Around the steps of the VLANs: what is missing is created first; shut first, opened last. */
export function planned(
  lines: CommonLines,
  stepsOf: (port: string, now: PortState, want: PortState) => Step[],
): (change: PortChange) => Step[] {
  return ({ port, now, want, missing }) => {
    if (samePort(now, want)) return []
    const vlansDiffer = !samePort({ ...now, enabled: true }, { ...want, enabled: true })
    const create = missing.flatMap((vlan) => lines.createVlan(vlan))
    return [
      ...(now.enabled && !want.enabled
        ? [{ lines: lines.shutdown(port), settings: { enabled: false } }]
        : []),
      ...(create.length > 0 ? [{ lines: create, vlans: missing }] : []),
      ...(vlansDiffer ? stepsOf(port, now, want) : []),
      ...(want.enabled && !now.enabled
        ? [{ lines: lines.noShutdown(port), settings: { enabled: true } }]
        : []),
    ]
  }
}

/** A trunk without an untagged VLAN has a native one that its list leaves out. */
export function unusedNative(tagged: readonly number[]): number {
  const taken = new Set(tagged)
  return everyVlan.find((vlan) => !taken.has(vlan)) ?? 1
}

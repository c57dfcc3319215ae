import { FerruleError } from './errors.ts'
import { spread } from './hash.ts'

/** What a person has read in the plan of a deploy and relies on: all that it does. Not how long, and not why others lost. */
export interface PlannedEffects {
  host: string | null
  refusals: readonly { message: string }[]
  bond: { mode: string; mac: string; members: readonly string[] } | null
  ports: readonly {
    switch: string
    port: string
    nic: string
    before: string
    after: string
    lines: readonly string[]
    saves: boolean
  }[]
  maas: readonly string[]
  bmc: readonly string[]
  diskLayout: string | null
  erase: string | null
}

/** In the order of a fingerprint's digests. */
const parts = ['ports', 'bond', 'maas', 'bmc', 'diskLayout', 'erase'] as const
type Part = (typeof parts)[number]

const partNames: Readonly<Record<Part, string>> = {
  ports: 'switch ports',
  bond: 'bond',
  maas: 'calls to MAAS',
  bmc: 'calls to the BMC',
  diskLayout: 'disk layout',
  erase: 'erase',
}

/** Hex digits of each part, 32 bits. It guards against accidents only: a change goes unseen once in four thousand million times. */
const DIGITS = 8

/** `r2-h4:` and the digests: the host in clear, so that a refusal can say which one it was. */
export const fingerprintForm = new RegExp(`^[A-Za-z0-9][A-Za-z0-9._-]*:[0-9a-f]{${DIGITS * parts.length}}$`)

/** What differs from an expected plan. */
export interface PlanDifference {
  what: 'host' | Part
  /** Of the host only: the rest of the expected plan is known by its digest. */
  was: string | null
  /** In words, a line each; empty: none. */
  now: string[]
}

/**
 * Equal for equal effects.
 * @param madeUp MACs that nobody asked for: each plan makes new ones, so none of them is compared
 * @returns null: it would be refused, so there is nothing to be expected
 */
export function planFingerprint(plan: PlannedEffects, madeUp: readonly string[]): string | null {
  if (plan.host === null || plan.refusals.length > 0) return null
  const lines = linesOf(plan, madeUp)
  return `${plan.host}:${parts.map((part) => digest(lines[part])).join('')}`
}

/** The host that was planned. */
export function expectedHost(fingerprint: string): string {
  return fingerprint.slice(0, fingerprint.lastIndexOf(':'))
}

/**
 * @param plan of this moment
 * @returns why a deploy that expects another plan is refused; null: it is the expected one
 */
export function planChanged(
  expected: string,
  plan: PlannedEffects,
  madeUp: readonly string[],
): FerruleError | null {
  if (planFingerprint(plan, madeUp) === expected) return null
  const changed = planDifferences(expected, plan, madeUp)
  const [refusal] = plan.refusals
  const why = refusal ? `${refusal.message}: it would be refused now` : inWords(changed, plan.host)
  return new FerruleError(
    'plan-changed',
    `the plan is not the expected one any more: ${why}`,
    'Nothing was done. Look at the plan of now, and deploy with its fingerprint.',
    { expected, changed, refusals: plan.refusals },
  )
}

function planDifferences(
  expected: string,
  plan: PlannedEffects,
  madeUp: readonly string[],
): PlanDifference[] {
  const was = expectedHost(expected)
  const digests = expected.slice(was.length + 1)
  const lines = linesOf(plan, madeUp)
  const host: PlanDifference[] =
    was === plan.host ? [] : [{ what: 'host', was, now: plan.host === null ? [] : [plan.host] }]
  // beside a refusal nothing is listed, which is no difference of the parts
  if (plan.refusals.length > 0) return host
  const differ = parts.filter(
    (part, index) => digests.slice(index * DIGITS, (index + 1) * DIGITS) !== digest(lines[part]),
  )
  return [...host, ...differ.map((what) => ({ what, was: null, now: lines[what] }))]
}

function inWords(changed: readonly PlanDifference[], host: string | null): string {
  const other = changed.find(({ what }) => what === 'host')
  if (other) return `it would get host ${host ?? 'none'} instead of ${other.was}`
  const names = changed.map(({ what }) => (what === 'host' ? what : partNames[what]))
  return `host ${host} is the same, and other is: ${names.join(', ')}`
}

function linesOf(plan: PlannedEffects, madeUp: readonly string[]): Record<Part, string[]> {
  const { bond, ports, maas, bmc, diskLayout, erase } = plan
  const known = (line: string) => madeUp.reduce((text, mac) => text.replaceAll(mac, 'a new MAC'), line)
  const lines: Record<Part, string[]> = {
    ports: ports.flatMap((port) => [
      `${port.switch} ${port.port} (${port.nic}): ${port.before} -> ${port.after}${port.saves ? ', saved' : ''}`,
      ...port.lines.map((line) => `  ${line}`),
    ]),
    bond: bond === null ? [] : [`${bond.mode} of ${bond.members.join(' and ')} as ${bond.mac}`],
    maas: [...maas],
    bmc: [...bmc],
    diskLayout: diskLayout === null ? [] : [diskLayout],
    erase: erase === null ? [] : [erase],
  }
  return { ...lines, bond: lines.bond.map(known), maas: lines.maas.map(known) }
}

function digest(lines: readonly string[]): string {
  return spread(JSON.stringify(lines)).toString(16).padStart(DIGITS, '0')
}

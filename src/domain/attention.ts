import type { CloudFindingView } from './cloud-finding.ts'
import type { CloudView } from './cloud-view.ts'
import { isRipe, needsPerson } from './cloud-view.ts'
import type { Attention, HostSituation } from './host.ts'
import { hostState } from './host.ts'
import type { Instance } from './instance.ts'
import { questionAttention } from './person.ts'
import type { PortDrift } from './port-drift.ts'
import { driftOfOneHost, driftRemedy } from './port-drift.ts'
import { powerAttentions } from './power-policy.ts'
import type { SwitchReached } from './switch-reach.ts'
import { leftAlone, SWITCH_REMEDY } from './switch-reach.ts'

/** What a person on duty has to see, the gravest first. */
export type AttentionAbout =
  | 'parked'
  | 'asked'
  | 'failed'
  | 'late'
  | 'power'
  | 'unreachable'
  | 'switch'
  | 'drift'
  | 'unproven'
  | 'attention'

export interface AttentionItem {
  about: AttentionAbout
  /** `cloudstack`: a host or a VM that only CloudStack has. */
  object: { kind: 'operation' | 'host' | 'instance' | 'switch' | 'cloudstack'; name: string; id: string }
  /** What is wrong, with what was seen. */
  message: string
  /** ISO time; null: nobody knows. */
  since: string | null
  /** The one safe thing to do. */
  action: string
  /** What CloudStack, our records and its switches have of the instance, where they differ: a line for each. */
  sides?: string[]
}

/** An operation as far as it can need a person. */
export interface AttentionOperation {
  id: string
  number: number
  kind: string
  state: string
  hostId: string | null
  host: string | null
  instanceId: string | null
  instance: string | null
  error: { message: string; remedy: string } | null
  parked: {
    title: string
    attempts: number
    error: { message: string; remedy: string }
    since: number
  } | null
  createdAt: string
  startedAt: string | null
  endedAt: string | null
}

export interface AttentionFacts {
  switches: readonly SwitchReached[]
  drifts: readonly PortDrift[]
  hosts: readonly HostSituation[]
  instances: readonly Instance[]
  /** Under way. */
  live: readonly AttentionOperation[]
  /** Ended lately without success, and nothing has succeeded on the same thing since. */
  failed: readonly AttentionOperation[]
  /** By kind: how long nearly all of this site's operations needed. Milliseconds. */
  usualMs: ReadonlyMap<string, number>
  /** What CloudStack has otherwise. */
  cloud: readonly CloudView[]
  /** What only CloudStack has. */
  onlyInCloud: readonly CloudFindingView[]
  /** By instance, where CloudStack, our records and the switches differ. */
  sides: ReadonlyMap<string, string[]>
  now: number
}

const gravity: readonly AttentionAbout[] = [
  'parked',
  'asked',
  'failed',
  'power',
  'unproven',
  'late',
  'switch',
  'unreachable',
  'drift',
  'attention',
]

/** Late only when it takes twice as long as nearly all before it did, and a minute at the least. */
const LATE_FACTOR = 2
const LEAST_LATE_MS = 60_000

export function attentionList(facts: AttentionFacts): AttentionItem[] {
  const items = [
    ...facts.live.flatMap((operation) => ofLive(operation, facts)),
    ...facts.hosts.flatMap((situation) => ofHost(situation, facts)),
    ...facts.switches.flatMap(ofSwitch),
    ...driftAttention(facts),
    ...facts.instances.flatMap((instance) => ofInstance(instance, facts)),
    ...facts.cloud.filter(needsPerson).flatMap((view) => ofCloud(view, facts)),
    ...facts.onlyInCloud.filter(isRipe).map((finding) => ofFinding(finding, facts)),
    ...facts.failed.filter((operation) => !toldByInstance(operation, facts)).flatMap(ofFailed),
  ]
  const rank = (item: AttentionItem) => gravity.indexOf(item.about)
  return items.sort((a, b) => rank(a) - rank(b) || (a.since ?? '').localeCompare(b.since ?? ''))
}

/** "stop of web1": nobody knows operations by their numbers. */
function calledOf({ kind, instance, host }: AttentionOperation): string {
  const of = instance ?? host
  return of === null ? kind : `${kind} of ${of}`
}

function ofLive(operation: AttentionOperation, { usualMs, now, hosts }: AttentionFacts): AttentionItem[] {
  const object = { kind: 'operation' as const, name: String(operation.number), id: operation.id }
  if (operation.parked) {
    const { title, attempts, error, since } = operation.parked
    const own = hosts.find(({ host }) => host.id === operation.hostId)?.host.attention
    // with what has been made of the host meanwhile
    const { message, remedy } = own && tellsOf(own, operation) ? own : error
    return [
      {
        about: 'parked',
        object,
        message: `${calledOf(operation)} is parked at "${title}" after ${attempts} attempts: ${message}`,
        since: new Date(since).toISOString(),
        action: remedy,
      },
    ]
  }
  const usual = usualMs.get(operation.kind)
  const begun = Date.parse(operation.startedAt ?? operation.createdAt)
  if (usual === undefined || now - begun < Math.max(usual * LATE_FACTOR, LEAST_LATE_MS)) return []
  return [
    {
      about: 'late',
      object,
      message: `${calledOf(operation)} takes longer than usual: nearly all before it needed at most ${Math.ceil(usual / 1000)} s here`,
      since: new Date(begun + usual).toISOString(),
      action: 'Look at the step that it is at; its deadline ends it if nothing else does.',
    },
  ]
}

/** Of what the operation is parked at: told once, at the operation, where it can be tried again. */
function tellsOf(attention: Attention, { parked }: AttentionOperation): boolean {
  return parked !== null && attention.message.includes(parked.error.message)
}

function ofHost(situation: HostSituation, { live }: AttentionFacts): AttentionItem[] {
  const { host, hold, dirty } = situation
  const object = { kind: 'host' as const, name: host.name, id: host.id }
  if (host.question) {
    const { message, since, remedy } = questionAttention(host.question, host.name)
    return [{ about: 'asked', object, message, since, action: remedy }]
  }
  const items: AttentionItem[] = []
  const { attention } = host
  const toldElsewhere = attention && live.some((one) => one.hostId === host.id && tellsOf(attention, one))
  if (toldElsewhere) return []
  if (attention)
    items.push({
      about: powerAttentions.includes(attention.code) ? 'power' : 'attention',
      object,
      message: attention.message,
      since: attention.since,
      action: attention.remedy,
    })
  else if (host.power.failure && host.power.state === 'unknown')
    items.push({
      about: 'unreachable',
      object,
      message: host.power.failure.message,
      since: host.power.since,
      action: host.power.failure.remedy,
    })
  if (dirty && !hold && !situation.tenancy && hostState(situation) === 'dirty')
    items.push({
      about: 'unproven',
      object,
      message: 'its disks are not proven erased, so it is not used',
      since: null,
      action: `Erase it: "ferrule host erase ${host.name}".`,
    })
  return items
}

function ofSwitch({ id, address, health }: SwitchReached): AttentionItem[] {
  if (health === null || health.state === 'closed') return []
  return [
    {
      about: 'switch',
      object: { kind: 'switch', name: address, id },
      message: leftAlone(address, health),
      since: null,
      action: SWITCH_REMEDY,
    },
  ]
}

/** One item for each host, whatever the number of its ports. */
function driftAttention({ drifts, instances, sides }: AttentionFacts): AttentionItem[] {
  const hosts = new Map(drifts.map(({ hostId, host }) => [hostId, host]))
  return [...hosts].map(([id, name]) => {
    const { blocks, since } = driftOfOneHost(drifts.filter((one) => one.hostId === id))
    const object = { kind: 'host' as const, name, id }
    const carried = instances.find(({ hostId }) => hostId === id)?.id
    const item = { about: 'drift' as const, object, message: blocks, since, action: driftRemedy(name) }
    return withSides(item, carried, sides)
  })
}

function ofInstance(instance: Instance, { live }: AttentionFacts): AttentionItem[] {
  if (instance.state !== 'failed' || !instance.error) return []
  if (live.some((operation) => operation.instanceId === instance.id)) return []
  return [
    {
      about: 'failed',
      object: { kind: 'instance', name: instance.name, id: instance.id },
      message: instance.error.message,
      since: instance.createdAt,
      action: instance.error.remedy,
    },
  ]
}

function ofCloud(view: CloudView, { instances, sides }: AttentionFacts): AttentionItem[] {
  const instance = instances.find(({ id }) => id === view.instanceId)
  if (instance === undefined) return []
  const object = { kind: 'instance' as const, name: instance.name, id: instance.id }
  const item = { about: 'attention' as const, object, message: view.message, since: view.since }
  return [withSides({ ...item, action: view.remedy }, instance.id, sides)]
}

function withSides(
  item: AttentionItem,
  instanceId: string | undefined,
  sides: AttentionFacts['sides'],
): AttentionItem {
  const lines = instanceId === undefined ? undefined : sides.get(instanceId)
  return lines ? { ...item, sides: lines } : item
}

function ofFinding(finding: CloudFindingView, { hosts }: AttentionFacts): AttentionItem {
  const own = hosts.find(({ host }) => host.id === finding.hostId)?.host
  return {
    about: 'attention',
    object: own
      ? { kind: 'host', name: own.name, id: own.id }
      : { kind: 'cloudstack', name: finding.name, id: finding.key },
    message: finding.message,
    since: finding.since,
    action: finding.remedy,
  }
}

/** One thing is told once. */
function toldByInstance({ instanceId }: AttentionOperation, { instances }: AttentionFacts): boolean {
  return instances.some(({ id, state }) => id === instanceId && (state === 'failed' || state === 'destroyed'))
}

function ofFailed(operation: AttentionOperation): AttentionItem[] {
  return [
    {
      about: 'failed',
      object: { kind: 'operation', name: String(operation.number), id: operation.id },
      message: `${calledOf(operation)} ended as ${operation.state}${operation.error ? `: ${operation.error.message}` : ''}`,
      since: operation.endedAt,
      action: operation.error?.remedy ?? 'Look at its steps, then begin it anew.',
    },
  ]
}

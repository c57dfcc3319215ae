import type { CloudFindingView } from './cloud-finding.ts'
import type { CloudView } from './cloud-view.ts'
import { isRipe, needsPerson } from './cloud-view.ts'
import type { Attention, HostSituation, PowerReading } from './host.ts'
import { hostState, spokenProtocol } from './host.ts'
import type { Instance } from './instance.ts'
import type { PortDrift } from './port-drift.ts'
import { driftOfOneHost, driftRemedy } from './port-drift.ts'
import { powerEvidence } from './power-evidence.ts'
import { powerAttentions } from './power-policy.ts'
import type { SwitchReached } from './switch-reach.ts'
import { switchEvidence } from './switch-reach.ts'
import { sidesInWords, type ThreeSides } from './three-sides.ts'

/** The answer to "why is it not where it should be?": the same words in the API, the CLI, the UI and CloudStack's errors. */
export interface Why {
  object: { kind: 'host' | 'instance' | 'operation' | 'switch'; name: string }
  /** Everything is as wanted: nothing blocks. */
  well: boolean
  /** One sentence: what it does, or what is in the way. */
  summary: string
  blocks: string | null
  /** ISO time. */
  since: string | null
  evidence: string[]
  /** ISO time of the next attempt that happens by itself. */
  nextRetry: string | null
  /** The one safe thing that a person can do; null: nothing needs doing. */
  action: string | null
}

/** What `why` knows of an operation; the same for every kind. */
export interface OperationFacts {
  number: number
  kind: string
  state: string
  error: { message: string; remedy: string } | null
  parked: {
    title: string
    attempts: number
    error: { message: string; remedy: string }
    since: number
    nextRetryAt: number
  } | null
  startedAt: string | null
  endedAt: string | null
  /** The newest step, with its newest words. */
  step: {
    title: string
    state: string
    startedAt: string
    attempt: number
    error: { message: string; remedy: string } | null
  } | null
  notes: string[]
  /** What a person is asked to do for it. */
  waitsFor: Attention | null
  /** Those of its host, while it is under way. */
  switches: readonly SwitchReached[]
}

/** What an end without success means, where it does not mean that nothing has happened. */
const unwound: Readonly<Record<string, string>> = {
  reinstall: 'what could be taken back was undone',
  heal: 'what it had put right stays',
  detach: 'what it had taken off the ports stays off',
}

export function whyOperation(operation: OperationFacts): Why {
  const object = { kind: 'operation' as const, name: String(operation.number) }
  const evidence = [...operation.notes, ...switchEvidence(operation.switches)]
  if (operation.waitsFor) {
    return {
      object,
      well: false,
      summary: `${operation.kind} ${operation.number} waits for a person`,
      blocks: operation.waitsFor.message,
      since: operation.waitsFor.since,
      evidence,
      nextRetry: null,
      action: operation.waitsFor.remedy,
    }
  }
  if (operation.parked) {
    const { parked } = operation
    return {
      object,
      well: false,
      summary: `${operation.kind} ${operation.number} is parked at "${parked.title}" after ${parked.attempts} attempts`,
      blocks: parked.error.message,
      since: new Date(parked.since).toISOString(),
      evidence,
      nextRetry: new Date(parked.nextRetryAt).toISOString(),
      action: parked.error.remedy,
    }
  }
  if (operation.endedAt) {
    const well = operation.state === 'succeeded'
    return {
      object,
      well,
      summary: well
        ? `${operation.kind} ${operation.number} succeeded`
        : `${operation.kind} ${operation.number} ended as ${operation.state}; ${unwound[operation.kind] ?? 'everything it did was undone'}`,
      blocks: operation.error?.message ?? null,
      since: operation.endedAt,
      evidence,
      nextRetry: null,
      action: operation.error?.remedy ?? null,
    }
  }
  const { step } = operation
  const doing = step
    ? `${step.title}${step.attempt > 1 ? ` (attempt ${step.attempt})` : ''}`
    : 'waiting for its turn'
  return {
    object,
    well: operation.state !== 'undoing',
    summary: `${operation.kind} ${operation.number} is ${operation.state}: ${doing}`,
    blocks: step?.error?.message ?? operation.error?.message ?? null,
    since: step?.startedAt ?? operation.startedAt,
    evidence,
    nextRetry: null,
    action: step?.error?.remedy ?? null,
  }
}

export function whyInstance(
  instance: Instance,
  operation: OperationFacts | null,
  power: PowerReading | null,
  unknownNetworks: readonly { name: string; vlan: number; mac: string }[],
  cloud: CloudView | null = null,
  /** With the host that its ports belong to. */
  compared: { sides: ThreeSides; host: string | null } | null = null,
): Why {
  const object = { kind: 'instance' as const, name: instance.name }
  if (operation && !operation.endedAt) {
    const now = whyOperation(operation)
    // a failed instance stays failed, with its own reason, while its host is being erased
    const reason = instance.state === 'failed' && !operation.parked ? instance.error : null
    return {
      ...now,
      object,
      summary: `${instance.name} is ${instance.state}: ${now.summary}`,
      ...(reason ? { well: false, blocks: reason.message, action: reason.remedy } : {}),
    }
  }
  const evidence = [
    ...(power ? powerEvidence(power) : []),
    ...unknownNetworks.map(
      ({ name, vlan, mac }) =>
        `its system was made without network ${name}: it has an interface for VLAN ${vlan} with MAC ${mac} only if its owner added one`,
    ),
    ...(cloud ? [`${cloud.message} (seen ${cloud.looks} times in a row since ${cloud.since})`] : []),
    ...(compared ? sidesEvidence(compared.sides) : []),
  ]
  if (instance.error) {
    return {
      object,
      well: false,
      summary: `${instance.name} is ${instance.state}`,
      blocks: instance.error.message,
      since: operation?.endedAt ?? instance.createdAt,
      evidence,
      nextRetry: null,
      action: instance.error.remedy,
    }
  }
  if (instance.state === 'running' && power?.state === 'off') {
    return {
      object,
      well: false,
      summary: `${instance.name} should run, but its host is off`,
      blocks: 'the host was switched off from outside, or its system shut down',
      since: power.since,
      evidence,
      nextRetry: null,
      action: `Stop and start it: "ferrule instance stop ${instance.name}", then "ferrule instance start ${instance.name}".`,
    }
  }
  if (cloud && needsPerson(cloud))
    return {
      object,
      well: false,
      summary: `${instance.name} is ${instance.state}, and CloudStack has it otherwise`,
      blocks: cloud.message,
      since: cloud.since,
      evidence,
      nextRetry: null,
      action: cloud.remedy,
    }
  const ports = compared ? compared.sides.rows.filter((row) => row.about === 'port' && row.differs) : []
  if (compared?.host && ports.length > 0)
    return {
      object,
      well: false,
      summary: `${instance.name} is ${instance.state}, but the ports of its server are not as wanted`,
      blocks: ports.map((row) => `${row.thing} is to be ${row.ferrule}, and is ${row.switch}`).join('; '),
      since: null,
      evidence,
      nextRetry: null,
      action: driftRemedy(compared.host),
    }
  return {
    object,
    well: true,
    summary: `${instance.name} is ${instance.state}`,
    blocks: null,
    since: operation?.endedAt ?? instance.createdAt,
    evidence,
    nextRetry: null,
    action:
      unknownNetworks.length > 0
        ? `In its system, add a VLAN interface with that VLAN and MAC; or reinstall it: "ferrule instance reinstall ${instance.name}" (its disks are erased).`
        : null,
  }
}

/** All of it where a side has it otherwise; one line where they agree, or where nobody can say. */
function sidesEvidence(sides: ThreeSides): string[] {
  if (sides.agree === false) return sidesInWords(sides)
  const all = sides.isOfCloudstack
    ? 'CloudStack, our records and the switches'
    : 'our records and the switches'
  if (sides.unsure !== null) return [`whether ${all} agree is not known: ${sides.unsure}`]
  return [`${all} agree`]
}

export function whyHost(
  situation: HostSituation,
  operation: OperationFacts | null,
  marks: readonly { reason: string; since: string }[],
  switches: readonly SwitchReached[],
  drifts: readonly PortDrift[],
  cloud: CloudFindingView | null = null,
  /** The instance on it, and what the three sides have of that, where they differ. */
  carried: { name: string; sides: readonly string[] } | null = null,
): Why {
  const { host } = situation
  const object = { kind: 'host' as const, name: host.name }
  const state = hostState(situation)
  const evidence = [
    `BMC: ${spokenProtocol(host.bmc) ?? host.bmc.protocol}`,
    ...powerEvidence(host.power),
    ...marks.map((mark) => `dirty since ${mark.since}: ${mark.reason}`),
    // an operation tells of them itself
    ...(situation.hold && operation ? [] : switchEvidence(switches)),
    ...(cloud && isRipe(cloud)
      ? [`${cloud.message} (seen ${cloud.looks} times in a row since ${cloud.since})`]
      : []),
    ...(carried?.sides ?? []),
  ]
  if (situation.hold && operation) {
    const why = whyOperation(operation)
    return {
      ...why,
      object,
      summary: `${host.name} is ${state}: ${why.summary}`,
      evidence: [...evidence, ...why.evidence],
    }
  }
  const nextLook = host.power.failure?.nextLook ?? null
  if (host.attention)
    return {
      object,
      well: false,
      summary: `${host.name} needs attention`,
      blocks: host.attention.message,
      since: host.attention.since,
      evidence,
      nextRetry: powerAttentions.includes(host.attention.code) ? nextLook : null,
      action: host.attention.remedy,
    }
  if (host.power.state === 'unknown' && host.power.failure)
    return {
      object,
      well: false,
      summary: `${host.name} is ${state}, but whether it is on is not known`,
      blocks: host.power.failure.message,
      since: host.power.since,
      evidence,
      nextRetry: nextLook,
      action: host.power.failure.remedy,
    }
  if (drifts.length > 0)
    return {
      object,
      well: false,
      summary: `${host.name} is ${state}, but its ports are not as wanted`,
      ...driftOfOneHost(drifts),
      evidence,
      nextRetry: null,
      action: driftRemedy(host.name),
    }
  if (cloud && isRipe(cloud))
    return {
      object,
      well: false,
      summary: `${host.name} is ${state}, and CloudStack has it otherwise`,
      blocks: cloud.message,
      since: cloud.since,
      evidence,
      nextRetry: null,
      action: cloud.remedy,
    }
  const plain = { object, since: null, evidence, nextRetry: null }
  switch (state) {
    case 'available':
      return {
        ...plain,
        well: true,
        summary: `${host.name} is free, clean and in the pool`,
        blocks: null,
        action: null,
      }
    case 'in-use':
      return {
        ...plain,
        well: true,
        summary: `${host.name} carries ${carried?.name ?? 'an instance'}`,
        blocks: null,
        action: null,
      }
    case 'dirty':
      return {
        ...plain,
        well: false,
        summary: `${host.name} is not used because its disks are not proven erased`,
        blocks: marks[0]?.reason ?? 'no erase evidence',
        since: marks[0]?.since ?? null,
        action: `Erase it: "ferrule host erase ${host.name}".`,
      }
    case 'read-only':
      return {
        ...plain,
        well: true,
        summary: `${host.name} was adopted while Deployed in MAAS and is only looked at`,
        blocks: null,
        action: 'Release it in MAAS, remove it here and add it again to bring it into the pool.',
      }
    default:
      return {
        ...plain,
        well: false,
        summary: `${host.name} is ${state}`,
        blocks: 'it has not been enlisted to its end',
        action: `Remove it ("ferrule host remove ${host.name}") and add it again.`,
      }
  }
}

import { FerruleError } from '../domain/errors.ts'
import type { Host } from '../domain/host.ts'
import type { HostLease } from '../domain/lease.ts'
import type { MaasMachine, MaasStatus } from '../maas/types.ts'
import type { Tools } from './tools.ts'

/** The mark of this installation on a machine in MAAS: without it nothing is ever written to the machine. */
export function installationTag(tools: Pick<Tools, 'installation'>): string {
  return `ferrule-${tools.installation.name}`
}

export const ANNOTATION_INSTANCE = 'ferrule-instance'
export const ANNOTATION_OPERATION = 'ferrule-operation'
export const ANNOTATION_INSTALLATION = 'ferrule-installation'

export function systemIdOf(host: Host): string {
  if (host.systemId) return host.systemId
  throw new FerruleError(
    'wrong-state',
    `${host.name} is not known to MAAS yet`,
    `Look at its enlistment: "ferrule why host ${host.name}".`,
    { host: host.name },
  )
}

/** The machine, if it is ours to write: tagged for this installation and for no other, not locked. */
export async function ourMachine(tools: Tools, host: Host): Promise<MaasMachine> {
  const machine = await tools.maas.machine(systemIdOf(host))
  const fault = ownershipFault(tools, host, machine)
  if (fault) throw fault
  return machine
}

export function ownershipFault(
  tools: Pick<Tools, 'installation'>,
  host: Host,
  machine: MaasMachine,
): FerruleError | null {
  const ours = installationTag(tools)
  const foreign = machine.tags.filter((tag) => tag.startsWith('ferrule-') && tag !== ours)
  if (foreign.length > 0) {
    return new FerruleError(
      'maas-not-ours',
      `${host.name} (${machine.systemId}) is marked in MAAS as ${foreign.join(', ')}`,
      'Another Ferrule installation manages it: remove it there first.',
      { host: host.name },
    )
  }
  if (!machine.tags.includes(ours)) {
    return new FerruleError(
      'maas-not-ours',
      `${host.name} (${machine.systemId}) has lost our tag ${ours} in MAAS`,
      `If the machine is still ours, put the tag ${ours} back in MAAS; else remove the host here.`,
      { host: host.name },
    )
  }
  if (machine.locked) {
    return new FerruleError(
      'maas-not-ours',
      `${host.name} (${machine.systemId}) is locked in MAAS`,
      'Unlock the machine in MAAS; somebody locked it on purpose.',
      { host: host.name },
    )
  }
  const operated = machine.annotations[ANNOTATION_INSTALLATION]
  if (operated !== undefined && operated !== tools.installation.name) {
    return new FerruleError(
      'maas-not-ours',
      `${host.name} (${machine.systemId}) is annotated in MAAS for installation ${operated}`,
      'Another Ferrule installation uses it: look there first.',
      { host: host.name },
    )
  }
  return null
}

export function agentName(operationNumber: number): string {
  return `ferrule-op-${operationNumber}`
}

/** Allocates by system id for one operation, and proves that the allocation is that operation's. */
export async function ensureAllocated(
  tools: Tools,
  host: Host,
  lease: HostLease,
  operationNumber: number,
  annotations: Record<string, string>,
): Promise<MaasMachine> {
  const machine = await ourMachine(tools, host)
  const agent = agentName(operationNumber)
  if (machine.status === 'Ready') {
    await tools.maas.allocate(lease, { systemId: machine.systemId, agentName: agent, comment: agent })
  } else if (!(await isAllocatedBy(tools, machine, operationNumber))) {
    throw new FerruleError(
      'maas-state',
      `${host.name} is ${machine.status} in MAAS, not Ready, and not by this operation`,
      'Look at the machine in MAAS: somebody else uses it.',
      { host: host.name, status: machine.status },
    )
  }
  await tools.maas.setAnnotations(lease, machine.systemId, {
    ...annotations,
    [ANNOTATION_OPERATION]: String(operationNumber),
    [ANNOTATION_INSTALLATION]: tools.installation.name,
  })
  return tools.maas.machine(machine.systemId)
}

/**
 * Before a VLAN comes onto a port: the operation's number stays on the machine in MAAS, so that a database which is
 * restored from before this operation is known to be older than the world.
 */
export async function leaveNumber(
  tools: Tools,
  host: Host,
  lease: HostLease,
  operationNumber: number,
): Promise<void> {
  await tools.maas.setAnnotations(lease, systemIdOf(host), {
    [ANNOTATION_OPERATION]: String(operationNumber),
    [ANNOTATION_INSTALLATION]: tools.installation.name,
  })
}

/** By agent name, which MAAS keeps from the allocate call on, or by the annotation that followed it. */
export async function isAllocatedBy(
  tools: Tools,
  machine: MaasMachine,
  operationNumber: number,
): Promise<boolean> {
  if (machine.annotations[ANNOTATION_OPERATION] === String(operationNumber)) return true
  const agent = agentName(operationNumber)
  return (await tools.maas.machines({ ids: [machine.systemId], agentName: agent })).length === 1
}

/** Looks at a machine until it is in one of the wanted states; every other end is the caller's to judge. */
export async function pollMachine(
  tools: Tools,
  systemId: string,
  options: {
    until: (machine: MaasMachine) => boolean
    deadline: number
    onLook?: (machine: MaasMachine) => Promise<void>
    what: string
  },
): Promise<MaasMachine> {
  for (;;) {
    const machine = await tools.maas.machine(systemId)
    if (options.until(machine)) return machine
    await options.onLook?.(machine)
    if (tools.now() > options.deadline) {
      throw new FerruleError(
        'deadline',
        `${options.what}: MAAS still says ${machine.status}${machine.statusMessage ? ` (${machine.statusMessage})` : ''} for ${machine.hostname}`,
        'Look at the machine in MAAS and at its console.',
        { status: machine.status },
      )
    }
    await tools.sleep(tools.policy.poll.maas)
  }
}

/** A plain release of a machine that carries nothing: back to Ready. */
export async function releasePlain(
  tools: Tools,
  host: Host,
  lease: HostLease,
  comment: string,
): Promise<void> {
  const machine = await tools.maas.machine(systemIdOf(host))
  if (machine.status !== 'Ready' && machine.status !== 'Releasing')
    await tools.maas.release(lease, machine.systemId, { comment })
  await pollMachine(tools, machine.systemId, {
    until: (now) => now.status === 'Ready',
    deadline: tools.now() + tools.policy.deadlines.release,
    what: 'release',
  })
}

/** What MAAS itself said last about a machine: for errors and `why`. */
export async function lastWords(tools: Tools, systemId: string): Promise<string> {
  const events = await tools.maas.events(systemId, { limit: 3 }).catch(() => [])
  return events.map((event) => `${event.type}${event.description ? `: ${event.description}` : ''}`).join('; ')
}

export async function newestEvent(tools: Tools, systemId: string): Promise<number> {
  const [event] = await tools.maas.events(systemId, { limit: 1 })
  return event?.id ?? 0
}

export const releasable: readonly MaasStatus[] = [
  'Allocated',
  'Reserved',
  'Broken',
  'Deploying',
  'Deployed',
  'Failed deployment',
  'Failed disk erasing',
  'Releasing failed',
]

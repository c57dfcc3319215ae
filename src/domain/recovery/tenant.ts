import type { Instance } from '../instance.ts'
import type { HostFacts, InstanceOutcome, KnownInstance, SeenMachine } from './facts.ts'
import { isCarrying, unreadFaults } from './ports.ts'

/**
 * Running and stopped can only be told of a system that was handed over to its tenant; what never ran by the records
 * and is on no tenant VLAN was in the middle of its deployment, and is not trusted. Not known is never off.
 */
export function tenantNow({ seen }: HostFacts, { instance, underWay }: KnownInstance): InstanceOutcome {
  const carrying = isCarrying(seen.ports)
  const hidden = unreadFaults(seen.ports).length > 0
  const off = seen.power === 'off'
  const base = { instance, nics: instance.nics, error: null }
  if (carrying || hidden)
    return instance.state === 'stopped' && off
      ? { ...base, state: 'stopped', clear: false }
      : { ...base, state: 'running', clear: false }
  if (hasRun({ instance, underWay })) return { ...base, state: 'stopped', clear: off }
  return { ...base, state: 'failed', clear: off, error: instance.error ?? lostError(instance) }
}

function hasRun({ instance, underWay }: KnownInstance): boolean {
  if (instance.state === 'failed') return false
  if (instance.state !== 'deploying' && instance.state !== 'undoing') return true
  return underWay !== null && underWay !== 'deploy' && underWay !== 'reinstall'
}

/** Failed means clear: what may still be on a tenant VLAN counts as running, so that it can be stopped. */
export function tenantInterrupted(
  { seen }: HostFacts,
  { instance }: KnownInstance,
  machine: SeenMachine,
): InstanceOutcome {
  const exposed = isCarrying(seen.ports) || unreadFaults(seen.ports).length > 0
  const base = { instance, nics: instance.nics }
  if (exposed) return { ...base, state: 'running', clear: false, error: null }
  return {
    ...base,
    state: 'failed',
    clear: seen.power === 'off',
    error: instance.error ?? lostError(instance, `its host is ${machine.status} in MAAS`),
  }
}

/** Gone with the time between the copy and now: no host carries it, so nothing of it is on any port. */
export function lostInstance({ instance, underWay }: KnownInstance, host: string | null): InstanceOutcome {
  const over = instance.state === 'destroyed' || (host !== null && hasRun({ instance, underWay }))
  const where = host === null ? 'no host carries it' : `${host} does not carry it any more`
  return {
    instance,
    state: over ? 'destroyed' : 'failed',
    nics: instance.nics,
    clear: true,
    error: instance.error ?? lostError(instance, where),
  }
}

function lostError({ name }: Instance, why = 'its deployment was under way'): Instance['error'] {
  return {
    code: 'recovery-mode',
    message: `${name} was lost by a restored database: ${why}`,
    remedy: `Destroy it ("ferrule instance destroy ${name}"), and deploy again.`,
  }
}

import type { SwitchLease } from '../../../../domain/lease.ts'
import { vlanSteps } from '../../order.ts'
import { describePort, samePort } from '../../port-state.ts'
import { PortsMoved } from '../../ports-moved.ts'
import type { PortState } from '../../types.ts'
import type { Dialect } from '../dialect.ts'
import { mismatch } from '../errors.ts'
import { portState, sameConfig } from '../model.ts'
import type { Edits } from '../plan.ts'
import type { Snapshot } from '../transport.ts'
import type { RestconfApi } from './api.ts'

interface Job {
  address: string
  api: RestconfApi
  lease: SwitchLease
  dialect: Dialect
  read(): Promise<Snapshot>
}

interface Move {
  port: string
  now: PortState
  want: PortState
}

const INTERFACES = 'openconfig-interfaces:interfaces'

/**
 * Still what was read? → VLANs → shut what shall be shut → take out what leaves → is it out? → put in what comes → open.
 * A request is applied as a whole, but a PATCH only adds, and the tables behind it reach the hardware one by one: so
 * what leaves is seen to be gone before anything comes.
 * @throws as Transport.write
 */
export async function writeEdits(job: Job, { ports, newVlans }: Edits): Promise<void> {
  const { api, lease, dialect } = job
  const before = await job.read()
  const moved = ports.filter((edit) => {
    const seen = before.ports.get(edit.port)
    return seen === undefined || !sameConfig(seen, edit.before, dialect)
  })
  if (moved.length > 0)
    throw new PortsMoved(
      job.address,
      moved.map(({ port }) => port),
    )
  const moves = ports.map((edit) => ({
    port: edit.port,
    now: portState(edit.before, dialect),
    want: portState(edit.wanted, dialect),
  }))
  if (newVlans.length > 0) await merge(job, INTERFACES, vlanInterfaces(newVlans))
  for (const { port, now, want } of moves) if (now.enabled && !want.enabled) await link(job, port, false)
  for (const move of moves) {
    for (const leaf of leaving(move)) {
      await lease.check()
      await api.remove(`${vlansOf(move.port)}/${leaf}`, lease.signal)
    }
  }
  await narrowed(job, moves)
  for (const move of moves) {
    const config = coming(move)
    if (config !== null) await merge(job, vlansOf(move.port), { 'openconfig-vlan:config': config })
  }
  for (const { port, now, want } of moves) if (!now.enabled && want.enabled) await link(job, port, true)
}

function interfaceOf(port: string): string {
  return `${INTERFACES}/interface=${encodeURIComponent(port)}`
}

function vlansOf(port: string): string {
  return `${interfaceOf(port)}/openconfig-if-ethernet:ethernet/openconfig-vlan:switched-vlan/config`
}

function vlanInterfaces(vlans: readonly number[]): unknown {
  const made = vlans.map((vlan) => ({ name: `Vlan${vlan}`, config: { name: `Vlan${vlan}` } }))
  return { [INTERFACES]: { interface: made } }
}

/** Entries of the leaf-list are resources of their own. */
function leaving({ now, want }: Move): string[] {
  const { removeTagged, removeUntagged } = vlanSteps(now, want)
  return [
    ...removeTagged.map((vlan) => `trunk-vlans=${vlan}`),
    ...(removeUntagged === null ? [] : ['access-vlan']),
  ]
}

function coming({ now, want }: Move): Record<string, unknown> | null {
  const { addTagged, addUntagged } = vlanSteps(now, want)
  const access = want.tagged.length === 0
  const turns = access !== (now.tagged.length === 0)
  // Nothing at all has no mode.
  if (access && want.untagged === null) return null
  if (addTagged.length === 0 && addUntagged === null && !turns) return null
  return {
    'interface-mode': access ? 'ACCESS' : 'TRUNK',
    ...(addUntagged === null && !access ? {} : { 'access-vlan': want.untagged }),
    ...(addTagged.length === 0 ? {} : { 'trunk-vlans': addTagged }),
  }
}

/** @throws switch-mismatch before anything comes in */
async function narrowed(job: Job, moves: readonly Move[]): Promise<void> {
  if (moves.every((move) => leaving(move).length === 0)) return
  const { ports } = await job.read()
  const wrong = moves.flatMap(({ port, now, want }) => {
    const kept: PortState = {
      ...now,
      enabled: now.enabled && want.enabled,
      untagged: now.untagged === want.untagged ? now.untagged : null,
      tagged: now.tagged.filter((vlan) => want.tagged.includes(vlan)),
    }
    const config = ports.get(port)
    const seen = config && portState(config, job.dialect)
    return seen && samePort(seen, kept)
      ? []
      : [{ port, said: `${port} shows ${describePort(seen)} instead of ${describePort(kept)}` }]
  })
  if (wrong.length === 0) return
  throw mismatch(
    job.address,
    wrong.map(({ said }) => said).join('; '),
    wrong.map(({ port }) => port),
  )
}

async function link(job: Job, port: string, enabled: boolean): Promise<void> {
  await merge(job, `${interfaceOf(port)}/config`, { 'openconfig-interfaces:config': { enabled } })
}

async function merge({ api, lease }: Job, resource: string, json: unknown): Promise<void> {
  await lease.check()
  await api.merge(resource, json, lease.signal)
}

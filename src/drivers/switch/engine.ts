import type { SwitchLease } from '../../domain/lease.ts'
import { onlyPorts, portsToChange } from './diff.ts'
import { ensurePorts } from './ensure.ts'
import { fencedPorts } from './fence.ts'
import type { ManagedSwitch } from './managed-switch.ts'
import { defaultReadRetryMs, readAgain } from './reads.ts'
import type {
  PortResult,
  PortState,
  SwitchChange,
  SwitchDriver,
  SwitchEndpoint,
  SwitchFence,
  SwitchTimeouts,
} from './types.ts'
import { SwitchWriter } from './writer.ts'

/**
 * The ports of one switch as declared state. Callers name ports as their rack file does; names are compared in the
 * device's canonical form, and answers carry the caller's names. Errors name ports canonically.
 */
export interface SwitchPorts {
  readonly id: string
  /**
   * Brings ports to their wanted state: read, compare, write, read back, save, verify what was saved. Calls that come
   * close together become one write; may be repeated at will.
   * @throws invalid-input, port-fenced, vlan-fenced (all faults at once, nothing sent), switch-unreachable,
   * switch-auth, switch-refused, switch-mismatch (states in details), not-found, lease-lost
   */
  ensurePorts(lease: SwitchLease, wanted: ReadonlyMap<string, PortState>): Promise<PortResult[]>
  readPorts(ports: readonly string[]): Promise<Map<string, PortState>>
  /** What the ports would be after a reboot of the switch. */
  readSavedPorts(ports: readonly string[]): Promise<Map<string, PortState>>
  /** Dry run: the exact lines per port; nothing is written. Same refusals as ensurePorts. */
  plan(
    wanted: ReadonlyMap<string, PortState>,
  ): Promise<{ changes: SwitchChange[]; before: Map<string, PortState> }>
  /** MAC addresses learned on a port, lower case. */
  readFdb(port: string): Promise<{ mac: string; vlan: number }[]>
  /** Waits for the writes that were accepted, refuses later ones. */
  close(): Promise<void>
}

export interface SwitchPortsOptions {
  /** As in the leases on this switch. */
  id: string
  driver: SwitchDriver
  endpoint: SwitchEndpoint
  fence: SwitchFence
  timeouts?: Partial<SwitchTimeouts> & {
    /** How long the first call of a batch waits for others. */
    coalesceMs?: number
    /** Pauses between tries of a read; their number is the number of repeats. */
    readRetryMs?: readonly number[]
  }
}

/** One per switch and process: it is the queue that keeps two writes of one process apart. */
export function openSwitchPorts(options: SwitchPortsOptions): SwitchPorts {
  const { id, fence, timeouts = {} } = options
  const device = options.driver.open(options.endpoint, timeouts)
  const readRetryMs = timeouts.readRetryMs ?? defaultReadRetryMs
  const managed: ManagedSwitch = { id, device, fence, readRetryMs }
  const writer = new SwitchWriter(
    id,
    (lease, wanted) => ensurePorts(managed, lease, wanted),
    timeouts.coalesceMs,
  )
  const canonical = (port: string) => device.canonicalPort(port)
  const fenced = (wanted: ReadonlyMap<string, PortState>) => fencedPorts(id, wanted, fence, canonical)

  async function read(
    ports: readonly string[],
    from: (names: readonly string[]) => Promise<Map<string, PortState>>,
  ): Promise<Map<string, PortState>> {
    const states = await readAgain(() => from(ports.map(canonical)), readRetryMs)
    return byCallersName(ports, canonical, states)
  }

  return {
    id,
    ensurePorts: async (lease, wanted) => {
      if (lease.id !== id) throw new Error(`a lease on ${lease.id} is no lease on switch ${id}`)
      const accepted = fenced(wanted)
      if (accepted.size === 0) return []
      const results = await writer.ensure(lease, accepted)
      const byPort = new Map(results.map((result) => [result.port, result]))
      return [...byCallersName([...wanted.keys()], canonical, byPort)].map(([port, result]) => ({
        ...result,
        port,
      }))
    },
    readPorts: (ports) => read(ports, (names) => device.readPorts(names)),
    readSavedPorts: (ports) => read(ports, (names) => device.readSavedPorts(names)),
    plan: async (wanted) => {
      const accepted = fenced(wanted)
      const [before, vlans] = await Promise.all([
        readAgain(() => device.readPorts([...accepted.keys()]), readRetryMs),
        readAgain(() => device.readVlans(), readRetryMs),
      ])
      const target = onlyPorts(accepted, portsToChange(before, accepted, fence))
      const changes = device.plan(before, target, new Set(vlans.map(({ vlan }) => vlan)))
      const names = new Map([...wanted.keys()].map((name) => [canonical(name), name]))
      return {
        changes: changes.map((change) => ({ ...change, port: names.get(change.port) ?? change.port })),
        before: byCallersName([...wanted.keys()], canonical, before),
      }
    },
    readFdb: (port) => readAgain(() => device.readFdb(canonical(port)), readRetryMs),
    close: async () => {
      await writer.close()
      await device.close()
    },
  }
}

function byCallersName<T>(
  names: readonly string[],
  canonical: (port: string) => string,
  values: ReadonlyMap<string, T>,
): Map<string, T> {
  const named = new Map<string, T>()
  for (const name of names) {
    const value = values.get(canonical(name))
    if (value !== undefined) named.set(name, value)
  }
  return named
}

import { type BreakerRules, SwitchBreaker } from './breaker.ts'
import { onlyPorts, portsToChange } from './diff.ts'
import { ensurePorts } from './ensure.ts'
import { fencedPorts } from './fence.ts'
import { guardedDevice } from './guarded-device.ts'
import { ownLags, preMadeLag, refuseForeignLags } from './lags.ts'
import { announcedOn, learnedOn } from './learned.ts'
import type { ManagedSwitch } from './managed-switch.ts'
import { defaultReadRetryMs, readAgain } from './reads.ts'
import type {
  PortState,
  SwitchDriver,
  SwitchEndpoint,
  SwitchFence,
  SwitchPorts,
  SwitchTimeouts,
} from './types.ts'
import { missingVlans, refuseMissingVlans } from './vlans.ts'
import { SwitchWriter } from './writer.ts'

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
    /** When a switch that does not answer is left alone. */
    breaker?: BreakerRules
  }
}

/** One per switch and process: it is the queue that keeps two writes of one process apart. */
export function openSwitchPorts(options: SwitchPortsOptions): SwitchPorts {
  const { id, fence, timeouts = {} } = options
  const breaker = new SwitchBreaker(id, timeouts.breaker)
  const device = guardedDevice(options.driver.open(options.endpoint, timeouts), breaker)
  const readRetryMs = timeouts.readRetryMs ?? defaultReadRetryMs
  const managed: ManagedSwitch = { id, device, fence, readRetryMs }
  const writer = new SwitchWriter(
    id,
    (lease, wanted) => ensurePorts(managed, lease, wanted),
    timeouts.coalesceMs,
  )
  const closed = new AbortController()
  const watch = device.watch
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
    look: async (ports) => {
      const writes = writer.writes
      if (writer.busy) return null
      const names = ports.map(canonical)
      const [running, saved] = await Promise.all([device.readPorts(names), device.readSavedPorts(names)])
      // what was read while somebody wrote may be half of it
      if (writer.busy || writer.writes !== writes) return null
      return {
        running: byCallersName(ports, canonical, running),
        saved: byCallersName(ports, canonical, saved),
      }
    },
    plan: async (wanted, from) => {
      const accepted = fenced(wanted)
      const [before, vlans, lags] = await Promise.all([
        from
          ? byCanonicalName(from, canonical)
          : readAgain(() => device.readPorts([...accepted.keys()]), readRetryMs),
        readAgain(() => device.readVlans(), readRetryMs),
        ownLags(managed),
      ])
      const target = onlyPorts(accepted, portsToChange(before, accepted, fence))
      const present = new Set(vlans.map(({ vlan }) => vlan))
      refuseMissingVlans(managed, target, present)
      refuseForeignLags(managed, before, target, lags)
      const changes = device.plan(before, target, present, lags)
      const names = new Map([...wanted.keys()].map((name) => [canonical(name), name]))
      return {
        changes: changes.map((change) => ({ ...change, port: names.get(change.port) ?? change.port })),
        before: byCallersName([...wanted.keys()], canonical, before),
      }
    },
    missingVlans: async (wanted) => {
      // most switches have nothing to say here, and are not asked
      if (missingVlans(managed, wanted, new Set()).length === 0) return []
      const vlans = await readAgain(() => device.readVlans(), readRetryMs)
      return missingVlans(managed, wanted, new Set(vlans.map(({ vlan }) => vlan)))
    },
    ownLags: () => ownLags(managed),
    preMadeLag: (lag) => preMadeLag(managed, canonical(lag)),
    canonicalPort: canonical,
    readFdb: (port) => readAgain(() => device.readFdb(canonical(port)), readRetryMs),
    learned: (ports) => learnedOn(device, ports, readRetryMs),
    announced: (ports) => announcedOn(device, ports, readRetryMs),
    ...(watch
      ? { watch: (changed, signal) => watch(changed, AbortSignal.any([signal, closed.signal])) }
      : {}),
    health: () => breaker.health(),
    close: async () => {
      closed.abort()
      await writer.close()
      await device.close()
    },
  }
}

function byCanonicalName<T>(
  values: ReadonlyMap<string, T>,
  canonical: (port: string) => string,
): Map<string, T> {
  return new Map([...values].map(([port, value]) => [canonical(port), value]))
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

import type { Difference } from '../domain/drift.ts'
import { differences, wantedHost, wantedPort } from '../domain/drift.ts'
import type { Instance } from '../domain/instance.ts'
import type { SeenPort } from '../domain/port-plan.ts'
import { carriesSame } from '../domain/port-plan.ts'
import { hostById } from '../store/hosts.ts'
import { instanceById } from '../store/instances.ts'
import { lagsOfHost } from '../store/lags.ts'
import { observeHost, observePorts } from '../workflows/observe-host.ts'
import type { Services } from './context.ts'
import { findHost } from './hosts.ts'

export interface HostDrift {
  host: string
  instance: string | null
  /** Whose state is wanted; null: nothing can be said now, and `unknown` says why. */
  because: string | null
  unknown: string | null
  ports: {
    switch: string
    port: string
    nic: string | null
    wanted: SeenPort | null
    running: SeenPort | null
    saved: SeenPort | null
  }[]
  bootDevice: {
    wanted: string | null
    seen: { device: string; persistent: boolean; valid: boolean } | null
  }
  power: { wanted: string | null; seen: 'on' | 'off' | 'unknown' }
  maas: { wanted: string | null; seen: string | null }
  differences: Difference[]
  /** What did not answer. */
  unread: { thing: string; message: string }[]
}

/** B6: our records × MAAS × the switches' running and saved configuration × the BMC, read this moment. */
export async function hostDrift(services: Services, key: string): Promise<HostDrift> {
  const { tools } = services
  const situation = await findHost(services, key)
  const { host, tenancy } = situation
  const instance = tenancy ? await instanceById(tools.db, tenancy.instanceId) : null
  const wish = wantedHost(situation, instance)
  const wanted = 'unknown' in wish ? null : wish
  const observed = await observeHost(tools, host)
  return {
    host: host.name,
    instance: instance?.name ?? null,
    because: wanted?.because ?? null,
    unknown: 'unknown' in wish ? wish.unknown : null,
    ports: observed.ports.map((port) => ({
      switch: port.switch,
      port: port.port,
      nic: port.nic,
      wanted: wanted && wantedPort(wanted, port, observed.power),
      running: port.running,
      saved: port.saved,
    })),
    bootDevice: { wanted: wanted?.bootDevice ?? null, seen: observed.bootDevice },
    power: { wanted: wanted?.power ?? null, seen: observed.power },
    maas: { wanted: wanted?.maas ?? null, seen: observed.maas },
    differences: wanted ? differences(wanted, observed) : [],
    unread: observed.unread,
  }
}

/** Does any port of a running instance's host carry other VLANs than the instance's, now or after a restart of its switch? */
export async function portsDiffer(services: Services, instance: Instance): Promise<boolean> {
  const host = instance.hostId ? await hostById(services.tools.db, instance.hostId) : null
  if (!host) return true
  const ports = await observePorts(services.tools, host)
  const wanted = { nics: instance.nics, lags: await lagsOfHost(services.tools.db, host.id) }
  return ports.some((port) =>
    [port.running, port.saved].some(
      (seen) => seen === null || !carriesSame(seen, wantedPort(wanted, port, 'on')),
    ),
  )
}

import type { WantedHost } from './drift.ts'
import { wantedPort } from './drift.ts'
import type { Host, PortRef } from './host.ts'
import { writtenPorts } from './host.ts'
import type { SeenPort } from './port-plan.ts'
import { carriesSame, describePort } from './port-plan.ts'

/** A port that is not as wanted, running or saved. */
export interface PortDrift {
  hostId: string
  host: string
  port: string
  wanted: string
  running: string
  saved: string
  /** ISO time of the first look that saw it so. */
  since: string
}

/** One switch at one moment. */
export interface SeenSwitch {
  address: string
  pxeVlan: number
  quarantineVlan: number
  running: ReadonlyMap<string, SeenPort>
  saved: ReadonlyMap<string, SeenPort>
}

export type WantedOfHost = Pick<WantedHost, 'nics' | 'lags'>

/** wanted × running × saved of a host's ports on one switch. What the switch does not show is no drift: a look says so. */
export function portDrift(
  host: Host,
  wanted: WantedOfHost,
  ports: readonly PortRef[],
  seen: SeenSwitch,
  at: string,
): PortDrift[] {
  return ports.flatMap(({ switchId, port }) => {
    const running = seen.running.get(port)
    const saved = seen.saved.get(port)
    if (!running || !saved) return []
    const want = wantedPort(wanted, { ...seen, switchId, running }, host.power.state)
    if (carriesSame(running, want) && carriesSame(saved, want)) return []
    const states = { wanted: describePort(want), running: describePort(running), saved: describePort(saved) }
    return [{ hostId: host.id, host: host.name, port, ...states, since: at }]
  })
}

export function portsOn(switchId: string, host: Host): PortRef[] {
  return writtenPorts(host).filter((port) => port.switchId === switchId)
}

export interface DriftChange {
  drift: PortDrift[]
  appeared: PortDrift[]
  gone: PortDrift[]
}

/**
 * The newest look beside the one before it. Of hosts that could not be compared, because an operation changes them, the
 * old word stands: whether their drift is over is seen at the next look.
 */
export function driftChange(
  before: readonly PortDrift[],
  now: readonly PortDrift[],
  uncompared: ReadonlySet<string>,
): DriftChange {
  const known = (drift: PortDrift, among: readonly PortDrift[]) => among.find((one) => sameDrift(one, drift))
  const kept = before.filter(({ hostId }) => uncompared.has(hostId))
  const compared = before.filter(({ hostId }) => !uncompared.has(hostId))
  const seen = now.filter(({ hostId }) => !uncompared.has(hostId))
  return {
    drift: [...kept, ...seen.map((one) => ({ ...one, since: known(one, compared)?.since ?? one.since }))],
    appeared: seen.filter((one) => !known(one, compared)),
    gone: compared.filter(
      (one) => !seen.some(({ hostId, port }) => hostId === one.hostId && port === one.port),
    ),
  }
}

function sameDrift(a: PortDrift, b: PortDrift): boolean {
  return (
    a.hostId === b.hostId &&
    a.port === b.port &&
    a.wanted === b.wanted &&
    a.running === b.running &&
    a.saved === b.saved
  )
}

/** For people: "port 1/3 is access untagged 200 instead of access untagged 101, and saved as access untagged 10". */
export function inWords({ port, wanted, running, saved }: PortDrift): string {
  if (running === wanted) return `port ${port} is as wanted, but saved as ${saved} instead of ${wanted}`
  return `port ${port} is ${running} instead of ${wanted}${saved === running ? '' : `, and saved as ${saved}`}`
}

export function driftOfOneHost(drifts: readonly PortDrift[]): { blocks: string; since: string | null } {
  return {
    blocks: `not as wanted: ${drifts.map(inWords).join('; ')}`,
    since: drifts.map(({ since }) => since).sort()[0] ?? null,
  }
}

export function driftRemedy(host: string): string {
  return `Find out who changed it; "ferrule host heal ${host}" puts it right.`
}

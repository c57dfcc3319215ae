import { expect } from 'vitest'
import type { Fault } from '../../lab/switch/https/faults.ts'
import { FerruleError } from '../../src/domain/errors.ts'
import { openSwitchPorts } from '../../src/drivers/switch/engine.ts'
import { carried, samePort } from '../../src/drivers/switch/port-state.ts'
import { testLease } from '../../src/drivers/switch/test-support/fake-switch.ts'
import type { PortResult, PortState, SwitchEndpoint, SwitchPorts } from '../../src/drivers/switch/types.ts'
import { type HttpsSwitch, type Kind, PXE, user } from './https-switch.ts'

export const parked: PortState = { mode: 'access', untagged: PXE, tagged: [], enabled: true }

export function tenant(untagged: number, ...tagged: number[]): PortState {
  return { mode: tagged.length > 0 ? 'trunk' : 'access', untagged, tagged, enabled: true }
}

export interface Rig {
  kind: Kind
  lab: HttpsSwitch
  ports: SwitchPorts
  endpoint: SwitchEndpoint
  ensure(wanted: Record<number, PortState>, lease?: ReturnType<typeof testLease>): Promise<PortResult[]>
  /** As frames meet it. */
  state(port: number): PortState
  /** The fault meets the write number `nth` (from 0 on); says how many writes there were. */
  breakWrite(nth: number, fault: Fault): { writes: () => number }
  stop(): Promise<void>
}

/** One switch of the lab and the real engine on it. */
export async function startRig(kind: Kind, msPerSecond = 1000): Promise<Rig> {
  const lab = await kind.start(msPerSecond)
  const endpoint: SwitchEndpoint = {
    address: `${lab.http.address}:${lab.http.port}`,
    ...user,
    fingerprint: lab.http.identity.fingerprint,
  }
  const ports = openSwitchPorts({
    id: 'tor1',
    driver: kind.driver,
    endpoint,
    fence: {
      ports: new Set([...kind.ports.map(({ written }) => written), kind.missingPort]),
      vlanRange: { from: 100, to: 899 },
      pxeVlan: PXE,
      quarantineVlan: 999,
      ...(kind.lags ? { lagRange: { from: Math.min(...kind.lags), to: Math.max(...kind.lags) } } : {}),
    },
    timeouts: { coalesceMs: 0, readRetryMs: [5, 20], connectMs: 2_000, requestMs: 5_000 },
  })
  return {
    kind,
    lab,
    ports,
    endpoint,
    ensure: (wanted, lease = testLease()) =>
      ports.ensurePorts(
        lease,
        new Map(
          Object.entries(wanted).map(([port, state]) => [kind.ports[Number(port)]?.written ?? port, state]),
        ),
      ),
    state: (port) => membershipState(lab, kind.ports[port]?.name ?? ''),
    breakWrite(nth, fault) {
      let writes = 0
      lab.http.dials.fault = (ask) => {
        if (!kind.isWrite(ask)) return null
        writes += 1
        return writes - 1 === nth ? fault : null
      }
      return { writes: () => writes }
    },
    async stop() {
      await ports.close()
      await lab.stop()
    },
  }
}

function membershipState(lab: HttpsSwitch, port: string): PortState {
  const { untagged, tagged, enabled } = lab.model.membership(port)
  return { mode: tagged.length > 0 ? 'trunk' : 'access', untagged, tagged, enabled }
}

/** What it ended with; a failure that is not one of the catalogue is a failure of the test. */
export async function outcome(work: Promise<unknown>): Promise<FerruleError | null> {
  try {
    await work
    return null
  } catch (error) {
    if (error instanceof FerruleError) return error
    throw error
  }
}

/**
 * At every instant since `from`, each port carried only VLANs of the one state or only of the other: none that is in
 * neither, and never both tenants'.
 */
export function expectNoLeak(rig: Rig, from: number, port: number, ends: readonly PortState[]): void {
  const name = rig.kind.ports[port]?.name
  const sets = ends.map(carried)
  for (const moment of rig.lab.model.history.slice(from)) {
    if (moment.port !== name) continue
    const { untagged, tagged, enabled } = moment.membership
    const now = [...carried({ mode: 'trunk', untagged, tagged, enabled })]
    const fits = sets.some((set) => now.every((vlan) => set.has(vlan)))
    expect(fits, `${name} carried ${now.join(' ')}`).toBe(true)
  }
}

export function expectState(rig: Rig, port: number, wanted: PortState): void {
  const seen = rig.state(port)
  expect(samePort(seen, wanted), `${JSON.stringify(seen)} is not ${JSON.stringify(wanted)}`).toBe(true)
}

/** Waits until the switch has no change that is neither there nor gone. */
export async function settled(rig: Rig, withinMs = 10_000): Promise<void> {
  await expect.poll(() => rig.lab.unsettled(), { timeout: withinMs, interval: 20 }).toBe(0)
}

import { FerruleError } from '../../../domain/errors.ts'
import type { SwitchLease } from '../../../domain/lease.ts'
import { normalPort } from '../port-state.ts'
import type { PortState, SwitchChange, SwitchDevice, SwitchDriver, SwitchFence } from '../types.ts'

export const pxe: PortState = { mode: 'access', untagged: 10, tagged: [], enabled: true }
export const quarantine: PortState = { ...pxe, untagged: 999 }

export function tenant(untagged: number, ...tagged: number[]): PortState {
  return { mode: tagged.length > 0 ? 'trunk' : 'access', untagged, tagged, enabled: true }
}

export const fence: SwitchFence = {
  ports: new Set(['1', '2', '3', '4']),
  vlanRange: { from: 100, to: 899 },
  pxeVlan: 10,
  quarantineVlan: 999,
}

/** A lease that holds until it is lost; counts how often it was asked. */
export function testLease(holder = 'operation-1'): SwitchLease & { lose(): void; checks: number } {
  const controller = new AbortController()
  const lost = new FerruleError('lease-lost', `${holder} lost the lease`, 'Repeat the operation.')
  return {
    kind: 'switch',
    id: 'tor1',
    holder,
    signal: controller.signal,
    checks: 0,
    async check() {
      this.checks += 1
      if (controller.signal.aborted) throw lost
    },
    lose: () => controller.abort(lost),
  }
}

/**
 * A switch in memory whose changes are lines `PORT=STATE`. It keeps a running and a start-up configuration and fails
 * as real ones do; ports are named "1", "p1" or "Port 1".
 */
export class FakeSwitch implements SwitchDevice {
  readonly address = '192.0.2.1'
  readonly capabilities = {
    transaction: 'none',
    saveSeparate: true,
    nativelessTrunk: true,
    fdb: true,
  } as const
  readonly running = new Map<string, PortState>()
  startup = new Map<string, PortState>()
  readonly vlans = new Set([1, 10, 999])
  writes = 0
  saves = 0
  reads = 0
  /** Called before each line of a change; throws to refuse it. */
  onLine: (port: string, line: number) => void = () => {}
  /** Called at the begin of a save; true swallows it. */
  onSave: () => boolean = () => false
  onRead: () => void = () => {}
  okButNothing = false
  /** So many first lines are done, then it says yes. */
  linesDone = Number.POSITIVE_INFINITY
  /** The work is done, the answer is lost. */
  loseAnswer = false

  constructor() {
    for (const port of ['port1', 'port2', 'port3', 'port4', 'port9']) this.running.set(port, pxe)
    this.startup = new Map(this.running)
  }

  canonicalPort(port: string): string {
    const number = /^(?:p|port\s*)?(\d+)$/i.exec(port)?.[1]
    if (number === undefined) throw new FerruleError('invalid-input', `"${port}" is no port`, 'Name a port.')
    return `port${number}`
  }

  async readPorts(ports: readonly string[]): Promise<Map<string, PortState>> {
    this.reads += 1
    this.onRead()
    return pick(this.running, ports)
  }

  async readSavedPorts(ports: readonly string[]): Promise<Map<string, PortState>> {
    return pick(this.startup, ports)
  }

  async readVlans() {
    return [...this.vlans].map((vlan) => ({ vlan, description: null }))
  }

  async readFdb() {
    return [{ mac: '52:54:00:00:00:01', vlan: 10 }]
  }

  /** Two lines per port: the VLANs go, then the wanted state comes. */
  plan(current: ReadonlyMap<string, PortState>, wanted: ReadonlyMap<string, PortState>): SwitchChange[] {
    return [...wanted].map(([port, want]) => {
      const now = current.get(port) ?? pxe
      const half = normalPort({ ...want, tagged: now.tagged.filter((vlan) => want.tagged.includes(vlan)) })
      return { port, lines: [JSON.stringify({ ...half, untagged: now.untagged }), JSON.stringify(want)] }
    })
  }

  async apply(lease: SwitchLease, changes: readonly SwitchChange[]): Promise<void> {
    await lease.check()
    this.writes += 1
    let line = 0
    for (const change of changes) {
      for (const text of change.lines) {
        this.onLine(change.port, line)
        if (!this.okButNothing && line < this.linesDone) this.running.set(change.port, JSON.parse(text))
        line += 1
      }
    }
    if (this.loseAnswer) {
      this.loseAnswer = false
      throw unreachable()
    }
  }

  async save(lease: SwitchLease): Promise<void> {
    await lease.check()
    this.saves += 1
    if (this.onSave()) return
    this.startup = new Map(this.running)
  }

  async close(): Promise<void> {}
}

export function driverOf(device: SwitchDevice): SwitchDriver {
  return { type: 'Fake', canonicalPort: (port) => device.canonicalPort(port), open: () => device }
}

export function refused(said: string): FerruleError {
  return new FerruleError('switch-refused', `Switch 192.0.2.1 refused: ${said}`, 'Read what it says.', {
    said,
  })
}

export function unreachable(): FerruleError {
  return new FerruleError('switch-unreachable', 'Switch 192.0.2.1 cannot be reached', 'Check it.')
}

function pick(states: ReadonlyMap<string, PortState>, ports: readonly string[]): Map<string, PortState> {
  return new Map(
    ports.map((port) => {
      const state = states.get(port)
      if (!state) throw new FerruleError('not-found', `no port ${port}`, 'Correct the port.')
      return [port, state] as const
    }),
  )
}

import { createHash } from 'node:crypto'
import type { FaultTarget } from '../faults/fault-target.ts'
import type { PortMembership } from '../world/types.ts'
import type { LabSwitch } from './lab-switch.ts'

/** The configuration of a switch behind whichever management interface: of `switchport` commands or of a command line. */
export interface PortsModel {
  readonly running: {
    ports: ReadonlyMap<string, unknown>
    vlans: ReadonlyMap<number, { name: string } | string | null>
  }
  seen(port: string): PortMembership
  savedMembership(port: string): PortMembership
  onChange(listener: (port: string) => void): void
  onEdit(listener: () => void): void
  /** Of a port and a VLAN that there are: it is in that one and no other. */
  putInto(port: string, vlan: number): void
  reboot(): void
  snapshot(): unknown
  restore(state: unknown): void
}

/** The management interface of a switch. */
export interface Front {
  readonly port: number
  readonly fingerprint: string
  readonly faults: FaultTarget
  /** Without power nobody is connected, and nobody can connect. */
  setPower(on: boolean): void
  /** What must be the same after the lab was started again; the model is not of it. */
  snapshot(): unknown
  stop(): Promise<void>
}

export interface ModelSwitchOptions {
  name: string
  address: string
  /** As in a rack file. */
  type: string
  model: PortsModel
  front: Front
  /** Waits while the switch reboots. */
  bootTime: () => Promise<void>
}

/** State of a switch in the lab's file. */
export interface SavedSwitch {
  model: unknown
  front: unknown
}

export function modelSwitch({ name, address, type, model, front, bootTime }: ModelSwitchOptions): LabSwitch {
  const listeners: ((port: string) => void)[] = []
  let powered = true
  const membership = (port: string): PortMembership => {
    const seen = model.seen(port)
    return { ...seen, enabled: powered && seen.enabled }
  }
  const tell = (port: string) => {
    for (const listener of listeners) listener(port)
  }
  model.onChange((port) => {
    if (powered) tell(port)
  })

  function setPower(on: boolean): void {
    front.setPower(on)
    powered = on
    for (const port of model.running.ports.keys()) if (model.seen(port).enabled) tell(port)
  }

  return {
    ...{ name, address, type, port: front.port, fingerprint: front.fingerprint, faults: front.faults },
    chassisMac: chassisMac(name),
    ports: () => [...model.running.ports.keys()],
    longName: (port) => port,
    vlans: () =>
      [...model.running.vlans].map(([vlan, own]) => ({
        vlan,
        description: own === null || typeof own === 'string' ? own : own.name,
      })),
    membership,
    saved: (port) => model.savedMembership(port),
    onChange: (listener) => void listeners.push(listener),
    onEdit: (listener) => model.onEdit(listener),
    foreignEdit(port, vlan) {
      if (!model.running.ports.has(port)) throw new RangeError(`this switch has no port ${port}`)
      if (!model.running.vlans.has(vlan)) throw new RangeError(`this switch has no VLAN ${vlan}`)
      model.putInto(port, vlan)
    },
    async reboot() {
      setPower(false)
      await bootTime()
      model.reboot()
      setPower(true)
    },
    snapshot: (): SavedSwitch => ({ model: model.snapshot(), front: front.snapshot() }),
    // The lab wrote it itself; what the front needs of it was given to it when it was started.
    restore: (state) => model.restore((state as SavedSwitch).model),
    stop: () => front.stop(),
  }
}

/** Arista's, Dell's and others' prefixes are not ours to use: a locally administered one. */
function chassisMac(name: string): string {
  const digest = createHash('sha256').update(`chassis ${name}`).digest('hex')
  return ['02', ...(digest.slice(0, 10).match(/../g) ?? [])].join(':')
}

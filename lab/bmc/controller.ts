import type { Machine } from '../world/types.ts'
import { type BmcDials, defaultDials } from './dials.ts'
import { IdentifyLamp } from './identify.ts'
import { BmcClock, SystemEventLog } from './sel.ts'
import { Sensors } from './sensors.ts'

export type PowerAction = 'on' | 'off' | 'cycle' | 'reset' | 'soft'

export type Button = 'power' | 'reset'

export interface ControllerOptions {
  /** Milliseconds since 1970 by the clock on the wall, for the event log. */
  wallClock?: (() => number) | undefined
  /** Milliseconds of a steady clock. */
  now?: (() => number) | undefined
}

/** The management controller behind every protocol: what it knows of its machine, remembers, and does to it. */
export class ManagementController {
  readonly machine: Machine
  readonly dials: BmcDials = defaultDials()
  readonly clock: BmcClock
  readonly log: SystemEventLog
  readonly sensors: Sensors
  readonly identify: IdentifyLamp
  readonly now: () => number
  /** The last power-on was asked for by command. */
  poweredByCommand = false
  private readonly unsubscribe: () => void
  private readonly restartListeners = new Set<() => void>()
  private readonly buttonListeners = new Set<(button: Button) => void>()
  private readonly pending = new Set<NodeJS.Timeout>()
  private silentUntil = Number.NEGATIVE_INFINITY

  constructor(machine: Machine, options: ControllerOptions = {}) {
    this.machine = machine
    this.now = options.now ?? (() => performance.now())
    this.clock = new BmcClock(options.wallClock ?? (() => Date.now()))
    this.log = new SystemEventLog(this.clock)
    this.sensors = new Sensors(machine, this.log)
    this.identify = new IdentifyLamp(this.now)
    this.unsubscribe = machine.onEvent((event) => this.sensors.heard(event))
  }

  /** Switches, after the delay that the dial says; a stuck one takes the order and does nothing. */
  power(action: PowerAction): void {
    if (this.dials.stuckPower) return
    if (this.dials.powerDelayMs === 0) {
      this.act(action)
      return
    }
    const timer = setTimeout(() => {
      this.pending.delete(timer)
      this.act(action)
    }, this.dials.powerDelayMs)
    timer.unref()
    this.pending.add(timer)
  }

  /** An ordered power action has not happened yet. */
  get powerPending(): boolean {
    return this.pending.size > 0
  }

  /** Starts anew: every session of every protocol is lost, and for a while nobody answers. */
  restart(): void {
    this.silentUntil = this.now() + this.dials.restartMs
    for (const listener of this.restartListeners) listener()
  }

  get restarting(): boolean {
    return this.now() < this.silentUntil
  }

  onRestart(listener: () => void): void {
    this.restartListeners.add(listener)
  }

  /** Somebody at the machine's front panel: power on, the ACPI button, or a hard reset. */
  pressButton(button: Button): void {
    const { machine } = this
    const isOff = machine.power() === 'off'
    if (button === 'power' && !isOff) machine.softOff()
    if (button === 'power' ? !isOff : isOff) return
    for (const listener of this.buttonListeners) listener(button)
    if (isOff) machine.powerOn()
    else machine.reset()
  }

  /** Called before a button starts the machine. */
  onButton(listener: (button: Button) => void): void {
    this.buttonListeners.add(listener)
  }

  stop(): void {
    this.unsubscribe()
    for (const timer of this.pending) clearTimeout(timer)
    this.pending.clear()
  }

  private act(action: PowerAction): void {
    const { machine } = this
    if (action === 'on') {
      if (machine.power() === 'off') this.poweredByCommand = true
      machine.powerOn()
    }
    if (action === 'off') machine.powerOff()
    if (action === 'soft') machine.softOff()
    if (action === 'cycle') machine.powerCycle()
    if (action === 'reset') machine.reset()
  }
}

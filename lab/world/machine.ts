import { type Dials, noFaults } from './dials.ts'
import { type DiskState, SparseDisk } from './disk.ts'
import { createEphemeralHost } from './ephemeral.ts'
import { type BootChoice, chooseBoot, type FirmwareHost, powerGoes, selfTest } from './firmware.ts'
import { NOTHING_TO_BOOT } from './firmware-screen.ts'
import { Hardware } from './hardware.ts'
import { readRoot } from './installed.ts'
import { MANUFACTURER, type MachineSpec } from './layout.ts'
import { Presence } from './presence.ts'
import { SerialLine } from './serial.ts'
import type { Surroundings } from './surroundings.ts'
import { RunningSystem, type SystemHardware } from './system.ts'
import {
  type BmcIdentity,
  type BootFlags,
  type Cable,
  type Chance,
  type LiveInterface,
  type MachineEvent,
  type Nic,
  PowerLost,
  type Readings,
  type Running,
  type WorldMachine,
} from './types.ts'

/** How long a power cycle keeps the machine off. */
const CYCLE_MS = 5_000

export interface MachineState {
  power: 'on' | 'off'
  bootFlags: BootFlags
  dials: Dials
  links: Record<string, boolean>
  /** Where the NICs are plugged in; absent in the states of labs in which cables could not be swapped. */
  cables?: Record<string, Cable>
  disks: Record<string, { readOnly: boolean; contents: DiskState }>
}

/** What belongs to one stretch of power, from the moment it comes until it goes (or the machine is reset). */
interface Session {
  readonly signal: AbortSignal
  cut(): void
}

export class LabMachine implements WorldMachine {
  readonly name: string
  readonly rack: string
  readonly uuid: string
  readonly manufacturer = MANUFACTURER
  readonly model: string
  readonly serial: string
  readonly cpuCount: number
  readonly cpuSpeedMhz: number
  readonly memoryMiB: number
  readonly nics: readonly Nic[]
  readonly disks: readonly SparseDisk[]
  readonly bmc: BmcIdentity
  readonly serialPort: SerialLine
  readonly dials: Dials = noFaults()
  bootFlags: BootFlags = { valid: false, persistent: false, efi: true, device: 'none' }

  readonly #around: Surroundings
  readonly #chance: Chance
  readonly #presence: Presence
  readonly #hardware: Hardware
  readonly #listeners = new Set<(event: MachineEvent) => void>()
  #session: Session | null = null
  #cycle: AbortController | null = null
  #running: Running = { kind: 'off' }
  #system: RunningSystem | null = null

  constructor(spec: MachineSpec, around: Surroundings, chance: Chance) {
    this.name = spec.name
    this.rack = spec.rack
    this.uuid = spec.uuid
    this.model = spec.model
    this.serial = spec.serial
    this.cpuCount = spec.cpuCount
    this.cpuSpeedMhz = spec.cpuSpeedMhz
    this.memoryMiB = spec.memoryMiB
    this.nics = spec.nics.map((nic) => ({ ...nic, linkUp: true }))
    this.disks = spec.disks.map((disk) => new SparseDisk(disk))
    this.bmc = spec.bmc
    this.serialPort = new SerialLine(around.clock)
    this.#around = around
    this.#chance = chance
    this.#presence = new Presence(spec.name, around.diary)
    this.#hardware = new Hardware(spec, this.dials, () => around.clock.now())
  }

  power(): 'on' | 'off' {
    return this.#session ? 'on' : 'off'
  }

  powerOn(): void {
    this.#cancelCycle()
    if (this.#session || !this.#hardware.supplied) return
    this.#note('on')
    this.#start()
    this.#emit({ kind: 'power', on: true })
  }

  powerOff(): void {
    this.#cancelCycle()
    if (!this.#session) return
    this.#cut()
    this.#note('off')
    this.#emit({ kind: 'power', on: false })
  }

  softOff(): void {
    const session = this.#session
    void this.#system
      ?.pressButton()
      .then((heeded) => {
        if (heeded && session === this.#session) this.powerOff()
      })
      .catch(ignorePowerLost)
  }

  powerCycle(): void {
    if (!this.#session) return
    this.powerOff()
    const cycle = new AbortController()
    this.#cycle = cycle
    this.#around.clock
      .sleep(CYCLE_MS, cycle.signal)
      .then(() => this.powerOn())
      .catch(ignorePowerLost)
  }

  reset(): void {
    if (!this.#session) return
    this.#cut()
    this.#note('reset')
    this.#emit({ kind: 'reset' })
    this.#start()
  }

  readings(): Readings {
    return this.#hardware.readings()
  }

  onEvent(listener: (event: MachineEvent) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  hardwareChanged(): void {
    this.#hardware.follow(this.running())
    if (!this.#hardware.supplied) this.powerOff()
  }

  running(): Running {
    return this.#system?.running() ?? this.#running
  }

  interfaces(): LiveInterface[] {
    return this.#system?.live() ?? []
  }

  installedFiles(): Record<string, string> | null {
    const [disk] = this.disks
    return disk ? (readRoot(disk)?.files ?? null) : null
  }

  /** A link, a switch port or a DHCP server near this machine changed. */
  surroundingsChanged(): void {
    this.#system?.linksChanged()
    this.#watch()
  }

  addVlan(vlan: number, mac: string): Promise<LiveInterface> {
    if (!this.#system) throw new Error(`${this.name} runs no installed system`)
    return this.#system.addVlan(vlan, mac)
  }

  snapshot(): MachineState {
    return {
      // In the middle of a cycle the machine is on its way back.
      power: this.#session || this.#cycle ? 'on' : 'off',
      bootFlags: { ...this.bootFlags },
      dials: { ...this.dials },
      links: Object.fromEntries(this.nics.map((nic) => [nic.name, nic.linkUp])),
      cables: Object.fromEntries(this.nics.map((nic) => [nic.name, { ...nic.cable }])),
      disks: Object.fromEntries(
        this.disks.map((disk) => [disk.name, { readOnly: disk.readOnly, contents: disk.snapshot() }]),
      ),
    }
  }

  /** Everything but power, which comes back only when the world is connected: see World.restore. */
  restore(state: MachineState): void {
    this.powerOff()
    this.bootFlags = { ...state.bootFlags }
    Object.assign(this.dials, state.dials)
    for (const nic of this.nics) {
      nic.linkUp = state.links[nic.name] ?? true
      nic.cable = state.cables?.[nic.name] ?? nic.cable
    }
    for (const disk of this.disks) {
      const stored = state.disks[disk.name]
      disk.readOnly = stored?.readOnly ?? false
      disk.restore(stored?.contents ?? {})
    }
  }

  #start(): void {
    const controller = new AbortController()
    const session: Session = { signal: controller.signal, cut: () => controller.abort(new PowerLost()) }
    this.#session = session
    this.#become({ kind: 'firmware' })
    this.#live(session).catch((error: unknown) => {
      if (session.signal.aborted || error instanceof PowerLost) return
      this.#note(`crashed: ${String(error)}`, 'boot')
    })
  }

  #cut(): void {
    const session = this.#session
    this.#session = null
    this.#system = null
    this.#become({ kind: 'off' })
    this.serialPort.cut()
    session?.cut()
    this.#watch()
  }

  #cancelCycle(): void {
    this.#cycle?.abort(new PowerLost())
    this.#cycle = null
  }

  /** From POST to wherever this boot leads. */
  async #live(session: Session): Promise<void> {
    const host = this.#firmwareHost(session)
    await selfTest(host, () => this.#emit({ kind: 'firmware-hang' }))
    const choice = await chooseBoot(host)
    if (choice.from === 'setup') await powerGoes(session.signal)
    if (choice.from === 'nothing') {
      this.#become({ kind: 'no-boot-device' })
      this.#emit({ kind: 'no-boot-device' })
      this.serialPort.print(...NOTHING_TO_BOOT)
      this.#note('nothing to boot from', 'boot')
    }
    if (choice.from === 'disk') await this.#bootDisk(session)
    if (choice.from === 'network') await this.#bootEnvironment(session, choice)
  }

  async #bootDisk(session: Session): Promise<void> {
    const [disk] = this.disks
    const root = disk ? readRoot(disk) : null
    if (!root) return
    const system = new RunningSystem(this.#systemHardware(session), root)
    this.#system = system
    this.#hardware.follow(this.running())
    this.#emit({ kind: 'boot', from: 'disk' })
    const power = await system.boot()
    if (power !== null) this.#end(session, power)
  }

  /** What software on the machine does to its power. */
  #end(session: Session, power: 'poweroff' | 'reboot'): void {
    if (session !== this.#session) return
    if (power === 'poweroff') this.powerOff()
    else this.reset()
  }

  async #bootEnvironment(session: Session, choice: Extract<BootChoice, { from: 'network' }>): Promise<void> {
    const { environment, nic } = choice
    this.#become({ kind: 'ephemeral', purpose: environment.purpose })
    this.#emit({ kind: 'boot', from: 'network' })
    this.#note(`MAAS environment for ${environment.purpose} through ${nic.name}`, 'boot')
    const host = createEphemeralHost(
      {
        machine: this,
        serialPort: this.serialPort,
        disks: this.disks,
        around: this.#around,
        signal: session.signal,
        sleep: this.#sleeper(session),
        powerOff: () => this.#end(session, 'poweroff'),
        reboot: () => this.#end(session, 'reboot'),
      },
      nic,
    )
    await environment.run(host)
  }

  #firmwareHost(session: Session): FirmwareHost {
    const machine = this
    return {
      ...this.#partsFor(session),
      machine: this,
      uuid: this.uuid,
      get bootFlags() {
        return machine.bootFlags
      },
      set bootFlags(flags) {
        machine.bootFlags = flags
      },
      diskBoots: () => this.installedFiles() !== null,
      networkFailed: () => this.#emit({ kind: 'network-boot-failed' }),
    }
  }

  #systemHardware(session: Session): SystemHardware {
    return {
      ...this.#partsFor(session),
      machine: this,
      disks: this.disks,
      power: (request) => this.#end(session, request),
      changed: () => {
        if (session === this.#session) this.#watch()
      },
    }
  }

  #partsFor(session: Session) {
    return {
      name: this.name,
      nics: this.nics,
      dials: this.dials,
      serialPort: this.serialPort,
      chance: this.#chance,
      around: this.#around,
      signal: session.signal,
      sleep: this.#sleeper(session),
    }
  }

  #sleeper({ signal }: Session): (ms: number) => Promise<void> {
    return (ms) => this.#around.clock.sleep(ms * this.dials.slow, signal)
  }

  #watch(): void {
    this.#presence.update(this.#system?.reach() ?? new Map(), this.#system?.running().hostname ?? '')
  }

  #become(running: Running): void {
    this.#running = running
    this.#hardware.follow(running)
  }

  #emit(event: MachineEvent): void {
    for (const listener of this.#listeners) listener(event)
  }

  #note(detail: string, kind: 'power' | 'boot' = 'power'): void {
    this.#around.diary.note({ machine: this.name, kind, detail })
  }
}

function ignorePowerLost(error: unknown): void {
  if (!(error instanceof PowerLost)) throw error
}

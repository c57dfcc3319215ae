import { createClock } from '../../world/clock.ts'
import { SerialLine } from '../../world/serial.ts'
import type { BootFlags, Machine, MachineEvent, Readings } from '../../world/types.ts'

export interface StubMachine extends Machine {
  /** Everything that the BMC has done to it, oldest first. */
  readonly acts: string[]
  /** Both ends of its serial port. */
  readonly serialPort: SerialLine
  /** What its sensors meet; a test changes it in place. */
  readonly physics: Readings
  emit(event: MachineEvent): void
}

/**
 * A machine for tests of the BMC alone: power changes at once, a power-on uses up a once boot flag as firmware does,
 * and it has no disks and no NICs.
 */
export function stubMachine(bmc: Partial<Machine['bmc']> = {}): StubMachine {
  const acts: string[] = []
  let power: 'on' | 'off' = 'off'
  let flags: BootFlags = { valid: false, persistent: false, efi: false, device: 'none' }

  const listeners = new Set<(event: MachineEvent) => void>()
  const physics: Readings = {
    inletC: 22,
    cpusC: [41, 39],
    fansRpm: [3000, 3000, 3000, 3000],
    psus: [
      { present: true, failed: false, watts: 60 },
      { present: true, failed: false, watts: 60 },
    ],
    watts: 120,
    volts: { core: 1.05, v3: 3.32, v5: 5.04, v12: 12.12, battery: 3.06 },
    chassisOpen: false,
  }
  const emit = (event: MachineEvent) => {
    for (const listener of listeners) listener(event)
  }
  const boot = () => {
    acts.push(`boot ${flags.valid ? flags.device : 'as set up'}`)
    if (!flags.persistent) flags = { ...flags, valid: false }
  }
  return {
    acts,
    name: 'r1-h3',
    rack: 'r1',
    manufacturer: 'Lab Systems',
    model: 'LS-1100',
    uuid: '4c4c4544-0042-3510-8054-b7c04f4d3132',
    serial: 'LAB0003',
    cpuCount: 8,
    cpuSpeedMhz: 2400,
    memoryMiB: 32768,
    nics: [],
    disks: [],
    bmc: {
      address: '127.0.0.1',
      protocols: ['ipmi'],
      port: 0,
      httpsPort: 0,
      sshPort: 0,
      username: 'maas',
      password: 'correct horse',
      mac: '02:00:00:00:03:ff',
      ...bmc,
    },
    power: () => power,
    powerOn() {
      if (power === 'on') return
      acts.push('on')
      power = 'on'
      emit({ kind: 'power', on: true })
      boot()
    },
    powerOff() {
      acts.push('off')
      const was = power
      power = 'off'
      if (was === 'on') emit({ kind: 'power', on: false })
    },
    softOff() {
      acts.push('soft off')
      const was = power
      power = 'off'
      if (was === 'on') emit({ kind: 'power', on: false })
    },
    powerCycle() {
      acts.push('cycle')
      boot()
    },
    reset() {
      acts.push('reset')
      boot()
    },
    get bootFlags() {
      return flags
    },
    set bootFlags(next) {
      acts.push(`boot flags ${next.valid ? 'valid' : 'invalid'} ${next.device}`)
      flags = next
    },
    physics,
    readings: () => physics,
    emit,
    onEvent(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    serialPort: new SerialLine(createClock({ scale: 1 })),
    running: () => (power === 'on' ? { kind: 'no-boot-device' } : { kind: 'off' }),
    interfaces: () => [],
    installedFiles: () => null,
  }
}

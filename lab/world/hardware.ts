import type { Dials } from './dials.ts'
import type { Readings, Running } from './types.ts'

/** Fans of one machine, and its power supplies. */
const FANS = 4
const PSUS = 2
/** Heat comes and goes with this time constant, in virtual milliseconds. */
const TAU_MS = 60_000
/** What the BMC itself takes while the machine is off. */
const STANDBY_W = 8
const IDLE_FAN_RPM = 3_000
const TOP_FAN_RPM = 12_000

/** Share of full load, by what runs. */
const LOAD: Record<Running['kind'], number> = {
  off: 0,
  firmware: 0.4,
  'no-boot-device': 0.15,
  ephemeral: 0.6,
  system: 0.25,
}

interface Size {
  cpuCount: number
}

/** Heat, air and electricity of a machine: they follow what runs on it, each in its own time. */
export class Hardware {
  readonly #dials: Dials
  readonly #now: () => number
  /** One socket for each eight cores; the large machines have two. */
  readonly #sockets: number
  readonly #fullLoadWatts: number
  #load = 0
  #on = false
  /** How much warmer than the inlet the processors were at `#since`. */
  #excess = 0
  #since: number

  constructor(size: Size, dials: Dials, now: () => number) {
    this.#dials = dials
    this.#now = now
    this.#sockets = Math.max(1, Math.round(size.cpuCount / 8))
    this.#fullLoadWatts = 60 + 140 * this.#sockets
    this.#since = now()
  }

  /** Told at every change of what runs. */
  follow(running: Running): void {
    this.#excess = this.#excessNow()
    this.#since = this.#now()
    this.#load = LOAD[running.kind]
    this.#on = running.kind !== 'off'
  }

  /** False: no power supply is left that works. */
  get supplied(): boolean {
    return this.#workingPsus().length > 0
  }

  readings(): Readings {
    const { inletC, chassisOpen, failedFans, failedPsus, absentPsus } = this.#dials
    const excess = this.#excessNow()
    const draw = this.#on ? this.#fullLoadWatts * (0.35 + 0.65 * this.#load) : STANDBY_W
    const working = this.#workingPsus()
    const watts = working.length === 0 ? 0 : draw
    const rpm = this.#fanSpeed(excess)
    // Rails sag a little with the load.
    const sag = this.#on ? 1 - 0.02 * this.#load : 1
    return {
      inletC,
      cpusC: Array.from({ length: this.#sockets }, (_, socket) => inletC + excess - socket * 2),
      fansRpm: Array.from({ length: FANS }, (_, fan) =>
        this.#on ? (failedFans.includes(fan + 1) ? 0 : rpm) : null,
      ),
      psus: Array.from({ length: PSUS }, (_, psu) => {
        const present = !absentPsus.includes(psu + 1)
        const failed = present && failedPsus.includes(psu + 1)
        return { present, failed, watts: present && !failed ? watts / working.length : 0 }
      }),
      watts,
      volts: this.#on
        ? { core: 1.05 * sag, v3: 3.32 * sag, v5: 5.04 * sag, v12: 12.12 * sag, battery: 3.06 }
        : { core: null, v3: null, v5: null, v12: null, battery: 3.06 },
      chassisOpen,
    }
  }

  #workingPsus(): number[] {
    const { failedPsus, absentPsus } = this.#dials
    return Array.from({ length: PSUS }, (_, psu) => psu + 1).filter(
      (psu) => !failedPsus.includes(psu) && !absentPsus.includes(psu),
    )
  }

  #excessNow(): number {
    const stillTurning = this.#on ? (FANS - Math.min(FANS, this.#dials.failedFans.length)) / FANS : 1
    // With half of the fans the same heat makes twice the difference; without any, four times.
    const cooling = Math.max(0.25, stillTurning)
    const target = this.#on ? (12 + 48 * this.#load) / cooling : 0
    const share = Math.exp(-(this.#now() - this.#since) / TAU_MS)
    return target + (this.#excess - target) * share
  }

  /** The others make up for a fan that stands. */
  #fanSpeed(excess: number): number {
    const speed = IDLE_FAN_RPM + Math.max(0, excess - 15) * 120 + this.#dials.failedFans.length * 1_500
    return Math.min(TOP_FAN_RPM, speed)
  }
}

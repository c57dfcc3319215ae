import { setTimeout as pause } from 'node:timers/promises'
import type { LabProcess } from './lab-process.ts'

interface Diary {
  next: number
  sightings: { machine: string; kind: string; detail: string }[]
}

const LOOK_EVERY_MS = 25
const LIMIT_MS = 30_000

/**
 * Tells when a machine's system is up. Who asks a system to shut down before that is not heard and waits the whole
 * grace time: a stall that says nothing about the controller.
 */
export class Boots {
  readonly #lab: LabProcess
  readonly #up = new Set<string>()
  #after = 0
  #reading: Promise<void> = Promise.resolve()
  #nextReading: Promise<void> | null = null

  constructor(lab: LabProcess) {
    this.#lab = lab
  }

  /** Resolves once the system that was last switched on is up. */
  async up(machine: string): Promise<void> {
    const until = performance.now() + LIMIT_MS
    for (;;) {
      await this.#look()
      if (this.#up.has(machine)) return
      if (performance.now() > until) throw new Error(`${machine} is not up after ${LIMIT_MS / 1000} s`)
      await pause(LOOK_EVERY_MS)
    }
  }

  /** A reading that begins after this call, shared by all who ask meanwhile. */
  #look(): Promise<void> {
    this.#nextReading ??= this.#reading.then(() => {
      this.#nextReading = null
      this.#reading = this.#read()
      return this.#reading
    })
    return this.#nextReading
  }

  async #read(): Promise<void> {
    const { next, sightings } = await this.#lab.control<Diary>('GET', `/diary?after=${this.#after}`)
    this.#after = next
    for (const { machine, kind, detail } of sightings) {
      if (kind === 'power') this.#up.delete(machine)
      if (kind === 'boot' && detail.endsWith(' is up')) this.#up.add(machine)
    }
  }
}

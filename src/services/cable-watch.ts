import { type CableCheck, isLie } from '../domain/cable-truth.ts'
import { FerruleError } from '../domain/errors.ts'
import { cablesVersion } from '../store/racks.ts'
import type { Hear, Neighbours } from '../workflows/cables.ts'
import { allCables, hearFrom } from './cable-truth.ts'
import type { Services } from './context.ts'

export interface CableSummary {
  /** ISO time of the reading; null: there was none yet. */
  at: string | null
  /** A newer one is under way. */
  reading: boolean
  /** Why the newest reading failed. */
  fault: { message: string; remedy: string } | null
  cables: number
  /** Of how many LLDP told where they are. */
  heard: number
  lieCount: number
  lies: (CableCheck & { rack: string })[]
}

/** What MAAS heard changes with a commissioning; a rack file or a host that is new is noticed at once. */
const SERVES_MS = 10 * 60_000
const MOST_LIES = 50

/**
 * B7 for the whole site: the cables that are not where the rack files say. MAAS is read behind the answer, each machine
 * once per commissioning, because a site has thousands of them and its front page is always open.
 */
export class CableWatch {
  readonly #services: Services
  readonly #heard = new Map<string, { commissioning: number; neighbours: Neighbours }>()
  #found: Omit<CableSummary, 'reading' | 'fault'> = {
    at: null,
    cables: 0,
    heard: 0,
    lieCount: 0,
    lies: [],
  }
  #fault: CableSummary['fault'] = null
  #reading: Promise<void> | null = null
  /** Of the records that the newest reading began with. */
  #version: string | null = null
  #readAt = Number.NEGATIVE_INFINITY

  constructor(services: Services) {
    this.#services = services
  }

  async summary(): Promise<CableSummary> {
    const { db, now } = this.#services.tools
    const version = await cablesVersion(db)
    if (this.#reading === null && (version !== this.#version || now() - this.#readAt > SERVES_MS)) {
      this.#version = version
      this.#readAt = now()
      this.#reading = this.#read().finally(() => {
        this.#reading = null
      })
    }
    return { ...this.#found, fault: this.#fault, reading: this.#reading !== null }
  }

  async #read(): Promise<void> {
    try {
      const racks = await allCables(this.#services, this.#hear)
      const all = racks.flatMap(({ rack, cables }) => cables.map((cable) => ({ ...cable, rack })))
      const lies = all.filter(isLie)
      this.#found = {
        at: new Date(this.#services.tools.now()).toISOString(),
        cables: all.length,
        heard: all.filter(({ seen }) => seen !== null).length,
        lieCount: lies.length,
        lies: lies.slice(0, MOST_LIES),
      }
      this.#fault = null
    } catch (error) {
      // asked again at once: whatever failed may be over
      this.#version = null
      this.#fault =
        error instanceof FerruleError
          ? { message: error.message, remedy: error.remedy }
          : { message: String(error), remedy: 'Report this; the log of the controller has more.' }
    }
  }

  readonly #hear: Hear = async (machine) => {
    const { systemId, commissioningId } = machine
    const known = this.#heard.get(systemId)
    if (known && known.commissioning === commissioningId) return known.neighbours
    const neighbours = await hearFrom(this.#services)(machine)
    if (commissioningId !== null) this.#heard.set(systemId, { commissioning: commissioningId, neighbours })
    return neighbours
  }
}

/** What a test or a person turns to make the lab's MAAS misbehave. All off at first. */
export interface Dials {
  /** Host names whose installation ends in Failed deployment; '*' for all. */
  deployFails: string[]
  /** Host names whose installer stops reporting: Deploying until MAAS's own time-out. */
  deployHangs: string[]
  commissioningFails: string[]
  /** Host names whose release scripts fail (with own scripts: Releasing failed). */
  releaseFails: string[]
  /** Host names whose quick wipe fails on every disk; MAAS's script says success all the same. */
  quickWipeFails: string[]
  /** Host names that a release takes for switched on, by a reading from before they went off. */
  powerCacheStale: string[]
  /** Disks (serial numbers) that have a working secure erase; NVMe disks always have. */
  secureErase: string[]
  /** Virtual milliseconds added to each API answer. */
  slowApi: number
  /** `reset`: connections are cut; `unavailable`: a proxy in front answers 503. */
  down: 'no' | 'reset' | 'unavailable'
  keyRejected: boolean
  /** Image names that are not there, e.g. ubuntu/jammy. */
  imageMissing: string[]
}

export function createDials(): Dials {
  return {
    deployFails: [],
    deployHangs: [],
    commissioningFails: [],
    releaseFails: [],
    quickWipeFails: [],
    powerCacheStale: [],
    secureErase: [],
    slowApi: 0,
    down: 'no',
    keyRejected: false,
    imageMissing: [],
  }
}

export function dialled(names: readonly string[], name: string): boolean {
  return names.includes('*') || names.includes(name)
}

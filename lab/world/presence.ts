import type { Diary } from './diary.ts'

/** Keeps the diary on where the frames of one machine's installed system can go. */
export class Presence {
  readonly #machine: string
  readonly #diary: Diary
  readonly #present = new Map<number, { mac: string; hostname: string }>()

  constructor(machine: string, diary: Diary) {
    this.#machine = machine
    this.#diary = diary
  }

  /** Notes the difference to the last time: `gone` before `presence`, so that no instant shows both of a move. */
  update(reach: ReadonlyMap<number, string>, hostname: string): void {
    for (const [vlan, was] of this.#present) {
      if (reach.has(vlan)) continue
      this.#present.delete(vlan)
      this.#diary.note({ machine: this.#machine, kind: 'gone', vlan, mac: was.mac, detail: was.hostname })
    }
    for (const [vlan, mac] of reach) {
      if (this.#present.has(vlan)) continue
      this.#present.set(vlan, { mac, hostname })
      this.#diary.note({ machine: this.#machine, kind: 'presence', vlan, mac, detail: hostname })
    }
  }
}

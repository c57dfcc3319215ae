import type { SwitchLease } from '../../../src/domain/lease.ts'
import { heldSwitch } from './switch-lease.ts'

/** Somebody else who writes a port of a switch once, at the worst moment: when our lease is proven, right before a write. */
export class ForeignHand {
  readonly #write: () => Promise<unknown>
  #proofs: number | null = null

  constructor(write: () => Promise<unknown>) {
    this.#write = write
  }

  /** At the nth proof from now on, from 0. */
  reachIn(nth: number): void {
    this.#proofs = nth
  }

  rest(): void {
    this.#proofs = null
  }

  lease(): SwitchLease {
    return heldSwitch('tor1', async () => {
      if (this.#proofs === null) return
      this.#proofs -= 1
      if (this.#proofs >= 0) return
      this.#proofs = null
      await this.#write()
    })
  }
}

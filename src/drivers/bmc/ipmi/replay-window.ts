/** How far behind the highest number a late packet may be (IPMI 2.0 §6.12.13 asks for 16 at least). */
const width = 32

/**
 * Anti-replay window over the BMC's session sequence numbers. A number is accepted once; older than the window never.
 * Any jump forward is accepted: such a packet has a valid HMAC, so it cannot be a replay, and some BMCs skip numbers.
 */
export class ReplayWindow {
  #highest = 0
  /** Bit n: `highest - n` was seen. */
  #seen = 0

  accept(sequence: number): boolean {
    // Zero is for packets outside a session (§13.6 table 13-8).
    if (sequence === 0) return false
    const ahead = sequence - this.#highest
    if (ahead > 0) {
      this.#seen = ahead >= width ? 1 : ((this.#seen << ahead) | 1) >>> 0
      this.#highest = sequence
      return true
    }
    const behind = -ahead
    if (behind >= width) return false
    const bit = (1 << behind) >>> 0
    if ((this.#seen & bit) !== 0) return false
    this.#seen = (this.#seen | bit) >>> 0
    return true
  }
}

/**
 * Which session sequence numbers of authenticated packets are still welcome (IPMI 2.0 §6.12.13): each once, at most
 * 16 ahead of the highest seen, at most 15 behind it. 0 never is, and numbers do not wrap within a lab session.
 */
export class SequenceWindow {
  private highest = 0
  /** Bit n: highest - n has been seen. Bit 0 is 0 itself at the start, which is never accepted anyway. */
  private seen = 1

  /** True if the packet is to be heeded; it then counts as seen. */
  accept(sequence: number): boolean {
    if (sequence === 0) return false
    const ahead = sequence - this.highest
    if (ahead > 16 || ahead < -15) return false
    if (ahead > 0) {
      this.seen = ((this.seen << ahead) | 1) & 0xffff
      this.highest = sequence
      return true
    }
    const bit = 1 << -ahead
    if ((this.seen & bit) !== 0) return false
    this.seen |= bit
    return true
  }
}

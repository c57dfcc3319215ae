/** The lamp by which somebody in the room finds the machine. */
export class IdentifyLamp {
  private readonly now: () => number
  private litUntil = 0
  private forced = false

  /** `now`: milliseconds of a steady clock. */
  constructor(now: () => number) {
    this.now = now
  }

  blink(seconds: number): void {
    this.forced = false
    this.litUntil = this.now() + seconds * 1000
  }

  force(lit: boolean): void {
    this.forced = lit
    this.litUntil = 0
  }

  get state(): 'off' | 'timed' | 'forced' {
    if (this.forced) return 'forced'
    return this.now() < this.litUntil ? 'timed' : 'off'
  }
}

import type { Interference, StepRecord } from '../../src/saga/types.ts'

/** Keeps operations of one kind in front of one step until it is opened: so that something can happen meanwhile. */
export class Gate implements Interference {
  private readonly kind: string
  private step: string | null = null
  private open: Promise<void> = Promise.resolve()
  private unlock: () => void = () => undefined
  private arrive: () => void = () => undefined

  constructor(kind: string) {
    this.kind = kind
  }

  /** Resolves once an operation stands in front of the step. */
  close(step: string): Promise<void> {
    this.step = step
    this.open = new Promise((resolve) => {
      this.unlock = resolve
    })
    return new Promise((resolve) => {
      this.arrive = resolve
    })
  }

  letThrough(): void {
    this.step = null
    this.unlock()
  }

  async around(point: StepRecord & { ref: string }, body: () => Promise<unknown>): Promise<unknown> {
    if (point.ref.startsWith(`${this.kind}@`) && point.direction === 'do' && point.name === this.step) {
      this.arrive()
      await this.open
    }
    return body()
  }
}

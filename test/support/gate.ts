import type { Interference, StepRecord } from '../../src/saga/types.ts'

/** One operation, stopped right before a step until the test lets it go on. */
export interface Held {
  /** Resolves when an operation has come there. */
  reached: Promise<void>
  release(): void
}

interface Signal {
  given: Promise<void>
  give(): void
}

function signal(): Signal {
  let give: Signal['give'] = () => undefined
  const given = new Promise<void>((resolve) => {
    give = resolve
  })
  return { given, give }
}

interface Order {
  ref: string
  step: string
  direction: 'do' | 'undo'
  reached: Signal
  released: Signal
}

/** Holds operations at their steps, so that a test can look at a state which is over in milliseconds otherwise. */
export class Gate implements Interference {
  private orders: Order[] = []

  /** The next operation of this kind that comes to the step waits there. */
  hold(kind: string, step: string, direction: 'do' | 'undo' = 'do'): Held {
    const reached = signal()
    const released = signal()
    this.orders.push({ ref: `${kind}@1`, step, direction, reached, released })
    return { reached: reached.given, release: released.give }
  }

  async around(point: StepRecord & { ref: string }, body: () => Promise<unknown>): Promise<unknown> {
    const order = this.orders.find(
      ({ ref, step, direction }) => ref === point.ref && step === point.name && direction === point.direction,
    )
    if (order) {
      this.orders = this.orders.filter((one) => one !== order)
      order.reached.give()
      await order.released.given
    }
    return body()
  }
}

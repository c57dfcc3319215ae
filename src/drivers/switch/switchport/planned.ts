import type { PortState, SwitchChange } from '../types.ts'

export interface PortMove {
  before: PortState
  wanted: PortState
}

/** What the lines of a change were made from: a driver that reads back before it confirms needs both ends. */
export class PlannedMoves {
  readonly #moves = new WeakMap<SwitchChange, PortMove>()

  remember(
    changes: SwitchChange[],
    current: ReadonlyMap<string, PortState>,
    wanted: ReadonlyMap<string, PortState>,
  ): SwitchChange[] {
    for (const change of changes) {
      const before = current.get(change.port)
      const want = wanted.get(change.port)
      if (before && want) this.#moves.set(change, { before, wanted: want })
    }
    return changes
  }

  take(changes: readonly SwitchChange[]): ReadonlyMap<string, PortMove> {
    return new Map(
      changes.map((change) => {
        const move = this.#moves.get(change)
        if (!move) throw new Error(`a change of ${change.port} that was not planned here`)
        return [change.port, move]
      }),
    )
  }
}

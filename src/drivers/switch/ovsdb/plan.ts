import { samePort } from '../port-state.ts'
import type { PortState, SwitchChange } from '../types.ts'
import { type PortRow, rowVlans } from './port-row.ts'
import { type PortUpdate, setting } from './write.ts'

/**
 * The rows behind what the engine holds: a state that was read remembers its row, so that the write can demand that very
 * row, and so that a restore puts back exactly what was there, modes that we never want included.
 */
export class PlannedPorts {
  readonly #rows = new WeakMap<PortState, PortRow>()
  readonly #updates = new WeakMap<SwitchChange, PortUpdate | null>()

  read(state: PortState, row: PortRow): void {
    this.#rows.set(state, row)
  }

  plan(current: ReadonlyMap<string, PortState>, wanted: ReadonlyMap<string, PortState>): SwitchChange[] {
    return [...wanted].flatMap(([port, want]) => {
      const now = current.get(port)
      if (!now) throw new Error(`plan without the current state of ${port}`)
      return samePort(now, want) ? [] : [this.#change(port, now, want)]
    })
  }

  /** What apply has to write, and the lines that no write can do. */
  take(changes: readonly SwitchChange[]): { updates: PortUpdate[]; links: string[] } {
    const updates = changes.flatMap((change) => {
      const update = this.#updates.get(change)
      if (update === undefined)
        throw new Error(`a change of ${change.port} that was not planned from a reading`)
      return update ?? []
    })
    return { updates, links: changes.flatMap(({ lines }) => lines.filter((line) => line.startsWith(LINK))) }
  }

  #change(port: string, now: PortState, want: PortState): SwitchChange {
    const wanted = this.#rows.get(want) ?? rowVlans(port, want)
    const row = this.#rows.get(now)
    const lines: string[] = []
    const vlansDiffer = !samePort({ ...now, enabled: true }, { ...want, enabled: true })
    if (vlansDiffer) lines.push(setting(port, wanted))
    if (now.enabled !== want.enabled) lines.push(`${LINK}${port} ${want.enabled ? 'up' : 'down'}`)
    const change: SwitchChange = { port, lines }
    // A dry run may begin from a state that is only expected; it is never applied.
    if (row) this.#updates.set(change, vlansDiffer ? { row, wanted } : null)
    return change
  }
}

const LINK = 'ip link set '

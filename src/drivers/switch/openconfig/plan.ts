import { samePort } from '../port-state.ts'
import type { PortState, SwitchChange } from '../types.ts'
import type { Dialect } from './dialect.ts'
import { describeConfig, type PortConfig, portConfig } from './model.ts'

/** One interface as it was read, and what it shall hold. */
export interface PortEdit {
  port: string
  before: PortConfig
  wanted: PortConfig
}

/** Everything of one write. */
export interface Edits {
  ports: readonly PortEdit[]
  /** VLANs that the device does not have yet. They carry nothing until a port names them. */
  newVlans: readonly number[]
}

/**
 * The configurations behind what the engine holds: a state that was read remembers its own, so that a write can demand
 * that it is still so, and a restore puts back exactly what was there.
 */
export class PlannedPorts {
  readonly #configs = new WeakMap<PortState, PortConfig>()
  readonly #edits = new WeakMap<SwitchChange, Edits>()

  read(state: PortState, config: PortConfig): void {
    this.#configs.set(state, config)
  }

  /** @param vlansPresent null: VLANs need not be made on this device */
  plan(
    current: ReadonlyMap<string, PortState>,
    wanted: ReadonlyMap<string, PortState>,
    { dialect, vlansPresent }: { dialect: Dialect; vlansPresent: ReadonlySet<number> | null },
  ): SwitchChange[] {
    const known = new Set(vlansPresent)
    return [...wanted].flatMap(([port, want]) => {
      const now = current.get(port)
      if (!now) throw new Error(`plan without the current state of ${port}`)
      if (samePort(now, want)) return []
      const named = this.#configs.has(want) ? [] : [want.untagged ?? [], want.tagged].flat()
      const newVlans = vlansPresent === null ? [] : named.filter((vlan) => !known.has(vlan))
      for (const vlan of newVlans) known.add(vlan)
      return [this.#change({ port, now, want, newVlans, dialect })]
    })
  }

  take(changes: readonly SwitchChange[]): Edits {
    const edits = changes.map((change) => {
      const edit = this.#edits.get(change)
      if (!edit) throw new Error(`a change of ${change.port} that was not planned from a reading`)
      return edit
    })
    return {
      ports: edits.flatMap(({ ports }) => ports),
      newVlans: edits.flatMap(({ newVlans }) => newVlans).sort((a, b) => a - b),
    }
  }

  #change(one: {
    port: string
    now: PortState
    want: PortState
    newVlans: readonly number[]
    dialect: Dialect
  }): SwitchChange {
    const { port, now, want, newVlans, dialect } = one
    const wanted = this.#configs.get(want) ?? portConfig(want, dialect)
    const vlansDiffer = !samePort({ ...now, enabled: true }, { ...want, enabled: true })
    const change: SwitchChange = {
      port,
      lines: [
        ...newVlans.map((vlan) => `vlan ${vlan} name ${vlanName(vlan)}`),
        ...(vlansDiffer ? [describeConfig(port, wanted)] : []),
        ...(now.enabled === want.enabled ? [] : [`interface ${port} enabled = ${want.enabled}`]),
      ],
    }
    const before = this.#configs.get(now)
    // A dry run may begin from a state that is only expected; it is never applied.
    if (before) this.#edits.set(change, { ports: [{ port, before, wanted }], newVlans })
    return change
  }
}

/** Says whose it is, and is another for each VLAN, which some devices demand. */
export function vlanName(vlan: number): string {
  return `ferrule-${vlan}`
}

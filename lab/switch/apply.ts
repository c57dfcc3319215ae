import { HttpRefusal } from './answer.ts'
import type { SwitchConfig } from './config.ts'
import { Refusal } from './config.ts'
import type { SwitchDials } from './dials.ts'
import { spend } from './dials.ts'
import type { SwitchModel } from './model.ts'

export type Edit = (config: SwitchConfig) => void

/** A REST write: all its parts or none, unless a dial says otherwise. */
export function applyEdits(model: SwitchModel, edits: readonly Edit[], dials: SwitchDials): void {
  if (spend(dials, 'okButNothing')) return
  const [first] = edits
  try {
    if (first !== undefined && edits.length > 1 && spend(dials, 'halfApply')) {
      model.change(first)
      throw new HttpRefusal(500, 'Internal error.')
    }
    model.change((config) => {
      for (const edit of edits) edit(config)
    })
  } catch (error) {
    if (error instanceof Refusal) throw new HttpRefusal(400, `% Error: ${error.message}`)
    throw error
  }
}

import type { z } from 'zod'
import type { labAct, labView } from './schemas/lab.ts'

export type LabView = z.infer<typeof labView>
export type LabAct = z.infer<typeof labAct>

/** The room of the lab that this Ferrule runs on. */
export interface LabRoom {
  view(): Promise<LabView>
  act(what: LabAct): Promise<void>
}

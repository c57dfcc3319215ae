import { z } from 'zod'

/** true is "until told otherwise", false is never, a number is "so many times". */
const count = z
  .union([z.boolean(), z.number().int().min(0)])
  .transform((value) => (typeof value === 'number' ? value : value ? Number.MAX_SAFE_INTEGER : 0))

/** How a switch misbehaves. All at rest in `calm()`; each holds until it is set again. */
export const dialsShape = z.strictObject({
  /** The management interface refuses connections. Frames go on as before. */
  down: z.boolean(),
  /** Every password is wrong: 401. */
  rejectPassword: z.boolean(),
  /** So many next requests are answered 500 and do nothing. */
  refuseNext: count,
  /** Configuration commands by REST-CLI answer "% Error: <text>" and do nothing. */
  errorText: z.string().nullable(),
  /** So many next changes do the first of their parts, then answer 500. */
  halfApply: count,
  /** So many next changes are answered 200 and do nothing. */
  okButNothing: count,
  /** Real milliseconds before each answer. */
  delayMs: z.number().min(0),
  /** Saving answers well, and the start-up configuration stays as it was. */
  saveLies: z.boolean(),
})

export type SwitchDials = z.output<typeof dialsShape>
export const partialDials = dialsShape.partial()

export function calm(): SwitchDials {
  return {
    down: false,
    rejectPassword: false,
    refuseNext: 0,
    errorText: null,
    halfApply: 0,
    okButNothing: 0,
    delayMs: 0,
    saveLies: false,
  }
}

/** Uses up one of a counted fault; true if there was one. */
export function spend(dials: SwitchDials, dial: 'refuseNext' | 'halfApply' | 'okButNothing'): boolean {
  if (dials[dial] === 0) return false
  dials[dial] -= 1
  return true
}

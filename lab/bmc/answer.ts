import { COMPLETION } from './message.ts'

/** Completion code and data of a command's answer. */
export interface Answer {
  completion: number
  data: Buffer
}

export function done(data: Buffer = Buffer.alloc(0)): Answer {
  return { completion: COMPLETION.ok, data }
}

export function refused(completion: number): Answer {
  return { completion, data: Buffer.alloc(0) }
}

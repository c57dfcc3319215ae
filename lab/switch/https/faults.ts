/** What goes wrong with one request. */
export type Fault =
  /** HTTP 500, nothing is done. */
  | 'error'
  /** All is done, then HTTP 500. */
  | 'error-after'
  /** The connection is cut before anything is done. */
  | 'drop'
  /** All is done, the answer is lost. */
  | 'lose'
  /** The connection is cut, and only then the work begins, slowly where it is done line by line. */
  | 'late'
  /** A good answer, and nothing is done. */
  | 'nothing'
  /** The first part is done, then the connection is cut. */
  | 'half'

/** How a switch misbehaves; at rest in `calm()`. */
export interface HttpDials {
  /** Asked for each request that a user may make; null lets it pass. */
  fault: (ask: { method: string; path: string; body: string }) => Fault | null
  /** Every password is wrong: 401. */
  rejectPassword: boolean
  /** Real milliseconds before each answer: a slow login. */
  delayMs: number
  /** Sends everybody there, as a captive portal would. */
  redirect: string | null
  /** Saving answers well, and the start-up configuration stays as it was. */
  saveLies: boolean
}

export function calm(): HttpDials {
  return { fault: () => null, rejectPassword: false, delayMs: 0, redirect: null, saveLies: false }
}

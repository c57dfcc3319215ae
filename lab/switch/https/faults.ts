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
  /** Nobody listens. */
  down: boolean
  /** So many next requests are answered 500; are cut before anything is done. */
  refuseNext: number
  dropNext: number
  /** So many next requests that change something get a good answer, and nothing is done. */
  okButNothing: number
  /** So many next requests that change something do their first part, then the connection is cut. */
  halfApply: number
  /** It shows another certificate than its own, as an impostor would. */
  otherCertificate: boolean
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
  return {
    fault: () => null,
    down: false,
    refuseNext: 0,
    dropNext: 0,
    okButNothing: 0,
    halfApply: 0,
    otherCertificate: false,
    rejectPassword: false,
    delayMs: 0,
    redirect: null,
    saveLies: false,
  }
}

/** The fault of the next request, where one is counted out for it. */
export function nextFault(dials: HttpDials, changes: boolean): Fault | null {
  for (const [dial, fault] of [
    ['refuseNext', 'error'],
    ['dropNext', 'drop'],
    ['okButNothing', 'nothing'],
    ['halfApply', 'half'],
  ] as const) {
    if (dials[dial] === 0 || ((fault === 'nothing' || fault === 'half') && !changes)) continue
    dials[dial] -= 1
    return fault
  }
  return null
}

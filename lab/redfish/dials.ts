/** Faults of one Redfish service, settable at run time. Those that every protocol has are the BMC's own dials. */
export interface RedfishDials {
  /** Real milliseconds before each answer; what was asked is done at once. */
  delayMs: number
  /** Counts down: so many next requests are answered 500, and nothing is done. */
  errorNext: number
  /** The same with 503 and `Retry-After: retryAfterS`. */
  busyNext: number
  retryAfterS: number
  /** Counts down: so many next connections are cut in the middle of their request; what was asked has been done. */
  cutNext: number
  /** Counts down: so many next requests with a token find that their session has been forgotten. */
  forgetNext: number
  /** Session slots that others hold. */
  sessionsTaken: number
  /** No session service: only Basic authentication works. */
  basicOnly: boolean
  /** Presents another certificate than before, as after a factory reset. */
  otherCertificate: boolean
  /** Resets are answered 202 with a task that takes `taskMs`. */
  asyncActions: boolean
  taskMs: number
  /** Tasks never end. */
  tasksHang: boolean
  /** A PATCH without If-Match is refused (428), as some boards do. */
  needsIfMatch: boolean
  /** Boot settings can only be written in the settings object (`/Systems/1/SD`), as on some boards. */
  bootInSettings: boolean
}

export function defaultRedfishDials(): RedfishDials {
  return {
    delayMs: 0,
    errorNext: 0,
    busyNext: 0,
    retryAfterS: 5,
    cutNext: 0,
    forgetNext: 0,
    sessionsTaken: 0,
    basicOnly: false,
    otherCertificate: false,
    asyncActions: false,
    taskMs: 2_000,
    tasksHang: false,
    needsIfMatch: false,
    bootInSettings: false,
  }
}

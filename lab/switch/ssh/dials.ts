/** What goes wrong with one line that changes something. */
export type LineFault = 'refuse' | 'swallow' | 'drop-before' | 'drop-after'

/** How the switch misbehaves. All at rest in `calm()`. */
export interface CliDials {
  /** Nobody listens. */
  down: boolean
  rejectPassword: boolean
  /** Real milliseconds before the login is answered. */
  loginMs: number
  /** Another machine answers at the address: with a host key of its own. */
  otherHostKey: boolean
  /** The line after so many that change something has a fault; once, or from then on. */
  fault: { after: number; kind: LineFault; lasting: boolean } | null
  /** Saving answers well, and the start-up configuration stays as it was. */
  saveLies: boolean
}

export function calm(): CliDials {
  return {
    down: false,
    rejectPassword: false,
    loginMs: 0,
    otherHostKey: false,
    fault: null,
    saveLies: false,
  }
}

/** The fault of the next line, if it has one. */
export function nextFault(dials: CliDials): LineFault | null {
  const { fault } = dials
  if (fault === null) return null
  if (fault.after > 0) {
    fault.after -= 1
    return null
  }
  if (!fault.lasting) dials.fault = null
  return fault.kind
}

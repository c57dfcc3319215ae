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
  /** So many next lines that change something are refused; obeyed in words alone; cut before they are obeyed. */
  refuseNext: number
  okButNothing: number
  dropNext: number
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
    refuseNext: 0,
    okButNothing: 0,
    dropNext: 0,
    saveLies: false,
  }
}

const counted = [
  ['refuseNext', 'refuse'],
  ['okButNothing', 'swallow'],
  ['dropNext', 'drop-before'],
] as const

/** The fault of the next line, if it has one. */
export function nextFault(dials: CliDials): LineFault | null {
  for (const [dial, kind] of counted) {
    if (dials[dial] === 0) continue
    dials[dial] -= 1
    return kind
  }
  const { fault } = dials
  if (fault === null) return null
  if (fault.after > 0) {
    fault.after -= 1
    return null
  }
  if (!fault.lasting) dials.fault = null
  return fault.kind
}

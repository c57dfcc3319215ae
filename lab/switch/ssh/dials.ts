/** What goes wrong with one line that changes something. */
export type LineFault = 'refuse' | 'swallow' | 'drop-before' | 'drop-after'

/** How a switch behind SSH misbehaves. All at rest in `calm()`. */
export interface SshDials<Kind extends string> {
  /** Nobody listens. */
  down: boolean
  rejectPassword: boolean
  /** Real milliseconds before the login is answered. */
  loginMs: number
  /** Another machine answers at the address: with a host key of its own. */
  otherHostKey: boolean
  /** The line or request after so many that change something has a fault; once, or from then on. */
  fault: { after: number; kind: Kind; lasting: boolean } | null
  /** So many next ones that change something are refused; obeyed in words alone; cut before they are obeyed. */
  refuseNext: number
  okButNothing: number
  dropNext: number
  /** Saving answers well, and the start-up configuration stays as it was. */
  saveLies: boolean
}

export interface CliDials extends SshDials<LineFault> {
  /** So many times a batch stops in the middle: `halfLines` lines that change something are obeyed, and the session is cut at the next. */
  halfApply: number
  halfLines: number
  /** The next one is refused instead, and the session stays. */
  halfRefuses: boolean
}

export function calm(): SshDials<never> {
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

export function calmCli(): CliDials {
  return { ...calm(), halfApply: 0, halfLines: 1, halfRefuses: false }
}

const counted = [
  ['refuseNext', 'refuse'],
  ['okButNothing', 'swallow'],
  ['dropNext', 'drop-before'],
] as const

/** The fault of the next line or request, if it has one. */
export function nextFault<Kind extends string>(dials: SshDials<Kind>): Kind | LineFault | null {
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

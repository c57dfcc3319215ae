/** What goes wrong with one Set; `lose`: it is done, and the answer is lost. */
export type GnmiFault = 'error' | 'drop' | 'lose' | 'nothing'

/** How a switch behind gNMI misbehaves; at rest in `calm()`. */
export interface GnmiDials {
  /** Nobody listens. */
  down: boolean
  rejectPassword: boolean
  /** It shows another certificate than its own, as an impostor would. */
  otherCertificate: boolean
  /** Real milliseconds before each answer. */
  delayMs: number
  /** So many next Sets are answered INTERNAL; are cut before anything is done; get a good answer, and nothing is done. */
  refuseNext: number
  dropNext: number
  okButNothing: number
  /** What is set is in force, and forgotten by a reboot. */
  saveLies: boolean
}

export function calm(): GnmiDials {
  return {
    down: false,
    rejectPassword: false,
    otherCertificate: false,
    delayMs: 0,
    refuseNext: 0,
    dropNext: 0,
    okButNothing: 0,
    saveLies: false,
  }
}

/** The fault of the next Set, where one is counted out for it. */
export function countedFault(dials: GnmiDials): GnmiFault | null {
  for (const [dial, fault] of [
    ['refuseNext', 'error'],
    ['dropNext', 'drop'],
    ['okButNothing', 'nothing'],
  ] as const) {
    if (dials[dial] === 0) continue
    dials[dial] -= 1
    return fault
  }
  return null
}

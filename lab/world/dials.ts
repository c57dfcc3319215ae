/** Faults of one machine, settable at run time. A new machine has none. (A lying disk is `Disk.readOnly`.) */
export interface Dials {
  /** Stays in POST until power goes. */
  bootHang: boolean
  /** The installer breaks off half-way: `install()` throws and the disk does not boot. */
  installFails: boolean
  /** Factor on everything that takes the machine time. */
  slow: number
  /** So many network boots find nobody: every PXE ask of theirs goes unanswered. */
  pxeIgnored: number
  /** The power button is not heeded. */
  softOffIgnored: boolean
}

export function noFaults(): Dials {
  return { bootHang: false, installFails: false, slow: 1, pxeIgnored: 0, softOffIgnored: false }
}

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
  /** Numbers of power supplies (1 and 2) that are broken, or pulled out. Without any left the machine goes off. */
  failedPsus: number[]
  absentPsus: number[]
  /** Numbers of fans (1 to 4) that stand still. */
  failedFans: number[]
  /** Names of NICs whose firmware announces itself by LLDP as long as it has power, whatever runs above. */
  lldpNics: string[]
  /** Somebody has opened the chassis. */
  chassisOpen: boolean
  /** Degrees Celsius of the air in front of the machine. */
  inletC: number
}

export function noFaults(): Dials {
  return {
    bootHang: false,
    installFails: false,
    slow: 1,
    pxeIgnored: 0,
    softOffIgnored: false,
    failedPsus: [],
    absentPsus: [],
    failedFans: [],
    lldpNics: [],
    chassisOpen: false,
    inletC: 22,
  }
}

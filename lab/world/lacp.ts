import type { PortMembership } from './types.ts'

/** No firmware speaks LACP, nor does the system that MAAS boots into memory. */
export function passesWithoutLacp({ lag, fallback }: PortMembership): boolean {
  return lag === undefined || fallback === true
}

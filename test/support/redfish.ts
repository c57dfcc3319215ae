import type { Rig } from './rig.ts'

/** What stands on the paper of a machine's BMC; undefined: it speaks no Redfish. Hex without colons. */
export function fingerprintOf(rig: Rig, machine: string): string | undefined {
  const identity = rig.lab.bmcs.redfish.get(machine)?.identity
  return identity?.fingerprint.replaceAll(':', '').toLowerCase()
}

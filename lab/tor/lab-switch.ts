import type { FaultTarget } from '../faults/fault-target.ts'
import type { PortMembership } from '../world/types.ts'

/** What the rest of the lab needs of a switch, whatever its family. Ports have the switch's own names for them. */
export interface LabSwitch {
  readonly name: string
  /** Management address: cables and LLDP name the switch by it. */
  readonly address: string
  /** Of its management interface. */
  readonly port: number
  /** As in a rack file. */
  readonly type: string
  /** SHA-256 of the certificate or host key that it shows; null where it speaks in clear text. */
  readonly fingerprint: string | null
  readonly chassisMac: string
  readonly faults: FaultTarget
  /** In the order of its front. */
  ports(): string[]
  /** As LLDP tells it. */
  longName(port: string): string
  vlans(): { vlan: number; description: string | null }[]
  /** As frames meet it. */
  membership(port: string): PortMembership
  /** What it would be after a reboot. */
  saved(port: string): PortMembership
  /** Called with each port whose membership has changed. */
  onChange(listener: (port: string) => void): void
  /** Called after every change of either configuration, also one that no frame notices. */
  onEdit(listener: () => void): void
  /**
   * What somebody else types at its console: the port is in this VLAN and no other, and nothing is saved.
   * @throws RangeError for a port or a VLAN that it has not
   */
  foreignEdit(port: string, vlan: number): void
  /** All links go down, then it is back with the start-up configuration. */
  reboot(): Promise<void>
  /** As JSON. */
  snapshot(): unknown
  restore(state: unknown): void
  stop(): Promise<void>
}

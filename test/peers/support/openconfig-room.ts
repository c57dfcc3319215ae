import type { SwitchPorts } from '../../../src/drivers/switch/types.ts'

/**
 * A switch with OpenConfig and two ports that are Ferrule's, Ethernet1 and Ethernet2, and one that is not, Ethernet3. All
 * rest in access VLAN 200 when a test begins.
 */
export interface OpenConfigRoom {
  /** Its untagged VLAN and its tagged ones, as somebody else reads them from the switch: "200", "201 t301,302". */
  carries(port: string): Promise<string>
  /** Somebody else puts a port into an access VLAN. */
  foreignEdit(port: string, vlan: number, tries?: number): Promise<void>
  /** The next write is done, and its answer is lost. */
  loseNextAnswer(): void
  open(): SwitchPorts
  reset(): Promise<void>
}

import type { HostLease } from '../../domain/lease.ts'

/** `unknown` is never to be taken as off. */
export type PowerState = 'on' | 'off' | 'unknown'

export type BootDevice = 'network' | 'disk'

export interface BmcEndpoint {
  /** Address or name; a port may follow after a colon (IPv6 in brackets). IPMI's own port is 623. */
  address: string
  username: string
  password: string
  /** RMCP+ K_g as hex, where the BMC has one. */
  kg?: string
}

/** One interface per concern; a driver is a factory of these for one BMC. */
export interface PowerControl {
  /** Reads the true state; throws bmc-unreachable, bmc-auth, bmc-refused. */
  power(): Promise<PowerState>
  /** Each sends its command once; a lost reply is answered by a fresh read, never by a second blind command. */
  powerOn(lease: HostLease): Promise<void>
  powerOff(lease: HostLease): Promise<void>
  /** ACPI soft shutdown: asked for, not waited for. */
  softOff(lease: HostLease): Promise<void>
  powerCycle(lease: HostLease): Promise<void>
}

export interface BootDeviceControl {
  bootDevice(): Promise<{ device: BootDevice | 'other' | 'none'; persistent: boolean; valid: boolean }>
  /** Sets and reads back; throws boot-device-unset if the BMC does not hold it. */
  setBootDevice(
    lease: HostLease,
    device: BootDevice,
    options: { persistent: boolean; efi: boolean },
  ): Promise<void>
}

export interface Bmc extends PowerControl, BootDeviceControl {
  readonly address: string
  /** Ends any open session; always safe to call. */
  close(): Promise<void>
}

export interface BmcDriver {
  readonly name: string
  open(endpoint: BmcEndpoint): Bmc
  /** Ends every session that the driver still keeps; at shutdown. */
  close?(): Promise<void>
}

import type { HostLease } from '../../domain/lease.ts'

/** `unknown` is never to be taken as off. */
export type PowerState = 'on' | 'off' | 'unknown'

export type BootDevice = 'network' | 'disk'

/** Whose BMC it is: for messages, and for protocols that go by the host itself. */
export interface BmcHost {
  id: string
  name: string
  /** MAAS's id of the machine; null: MAAS does not know it yet. */
  systemId: string | null
}

export interface BmcEndpoint {
  /**
   * Address or name; a port may follow after a colon (IPv6 in brackets), else it is the protocol's own: 623 for IPMI,
   * 443 for Redfish. Empty where the host has no BMC that we could reach (protocols maas and manual).
   */
  address: string
  username: string
  password: string
  host?: BmcHost
  /** RMCP+ K_g as hex, where the BMC has one. */
  kg?: string
  /** SHA-256 of the certificate that a person has trusted, as hex without colons; TLS protocols only. */
  fingerprint?: string
  /** SHA-256 of the BMC's SSH host key that a person has trusted, as OpenSSH writes it: `SHA256:` and base64. */
  sshFingerprint?: string
  /** Redfish's Id of the computer system, for a BMC that has several. */
  system?: string
}

export interface PowerReadOptions {
  /** Wait for a free session of a BMC that has none? Default true; whoever looks in passing would rather ask again later. */
  patient?: boolean
  /**
   * Whoever looks in passing and comes again within a minute: the session stays open until then, where the protocol has
   * sessions and this BMC does not forget them. Default false.
   */
  keep?: boolean
}

/** One interface per concern; a driver is a factory of these for one BMC. */
export interface PowerControl {
  /**
   * Reads the true state; throws bmc-unreachable, bmc-auth, bmc-refused. A BMC without a free session is waited for,
   * up to a minute or so, and a session lingers for the next command, unless the options say otherwise.
   */
  power(options?: PowerReadOptions): Promise<PowerState>
  /** Each sends its command once; a lost reply is answered by a fresh read, never by a second blind command. */
  powerOn(lease: HostLease): Promise<void>
  powerOff(lease: HostLease): Promise<void>
  /** ACPI soft shutdown: asked for, not waited for. */
  softOff(lease: HostLease): Promise<void>
  powerCycle(lease: HostLease): Promise<void>
  /** The machine's reset line: it starts anew without losing power. Absent where a protocol has no such thing. */
  hardReset?(lease: HostLease): Promise<void>
}

export interface BootDeviceControl {
  bootDevice(): Promise<{ device: BootDevice | 'other' | 'none'; persistent: boolean; valid: boolean }>
  /** Sets and reads back; throws boot-device-unset if the BMC does not hold it. */
  setBootDevice(
    lease: HostLease,
    device: BootDevice,
    options: { persistent: boolean; efi: boolean },
  ): Promise<void>
  /** Takes back what was set, so that the firmware's own order counts; reads back like the above. */
  clearBootDevice?(lease: HostLease): Promise<void>
}

/** What the BMC says that the machine is; a field that it does not tell is null. */
export interface BmcInventory {
  manufacturer: string | null
  model: string | null
  serial: string | null
  /** SMBIOS UUID in lower case with dashes; also IPMI's system GUID. */
  uuid: string | null
  /** Of the BMC itself. */
  firmware: string | null
  /** The BMC's own UUID, where it has one apart from the machine's. */
  bmcUuid?: string | null
  /** Empty where the BMC does not see into the machine, as with IPMI. */
  disks: { name: string; serial: string | null; model: string | null; sizeBytes: number | null }[]
  /** What could not be read or was not believed, and why. */
  notes?: string[]
}

export interface InventoryReader {
  inventory(): Promise<BmcInventory>
}

export interface SensorReading {
  name: string
  kind: 'temperature' | 'fan' | 'power' | 'voltage' | 'current' | 'other'
  /** Null: the sensor is there, but has no reading now (most of them while the host is off). */
  value: number | null
  unit: '°C' | 'rpm' | 'W' | 'V' | 'A' | '%' | 'Hz' | 'VA' | 'J' | 'CFM' | ''
  /** `unknown` where the BMC gives no thresholds. */
  health: 'ok' | 'warning' | 'critical' | 'unknown'
  /**
   * For discrete sensors: what is asserted, e.g. "presence detected". For a sensor that could not be read or understood:
   * why, with a null value.
   */
  states: string[]
}

export interface SensorReader {
  sensors(): Promise<SensorReading[]>
}

export interface BmcLogEntry {
  id: string
  /** ISO 8601; null where the BMC's clock was not set when it wrote. */
  at: string | null
  severity: 'info' | 'warning' | 'critical'
  /** What it is about, e.g. "Fan 3". */
  source: string
  message: string
}

/** The BMC's own log: SEL in IPMI, LogServices in Redfish. */
export interface EventLogReader {
  /** The newest `limit` entries, oldest first. */
  eventLog(options: { limit: number }): Promise<BmcLogEntry[]>
}

/** The light that a person in the room looks for. It needs no lease: it changes nothing that an operation relies on. */
export interface IdentifyLight {
  /** 0 switches it off; `forever` until it is switched off. Seconds, at most 255. */
  identify(seconds: number | 'forever'): Promise<void>
}

/** The machine's serial port, as the BMC carries it. */
export interface SerialConsole {
  /**
   * Resolves when the BMC has taken the bytes; writes go out in order. Throws bmc-refused if it does not take them now,
   * as when the machine is off (the console stays), and bmc-unreachable once the console has ended.
   */
  write(data: Buffer): Promise<void>
  /** A serial break, e.g. for a kernel's SysRq. Absent where a protocol has none. */
  sendBreak?(): Promise<void>
  /** What the machine prints, from the opening on. One listener; what came before it is kept, up to 64 KiB. */
  onData(listener: (data: Buffer) => void): void
  /** Resolves with the reason once it has ended, whoever ended it; never rejects. */
  readonly ended: Promise<ConsoleEnd>
  /**
   * Some key or other leads out of the machine's port to the BMC's own command line: nobody may type here who may not
   * command the BMC.
   */
  readonly besideCommandLine?: boolean
  close(): Promise<void>
}

/** Why a console has ended: `closed` by us, `taken` by somebody else's session, `lost` with the BMC. */
export interface ConsoleEnd {
  reason: 'closed' | 'taken' | 'lost'
  detail: string
}

export interface ConsoleAccess {
  /**
   * Throws console-busy if another session has it and `takeOver` is false, and bmc-unsupported if the BMC has none.
   * Commands to the same BMC go on meanwhile.
   */
  openConsole(options: { takeOver: boolean }): Promise<SerialConsole>
}

export interface Bmc extends PowerControl, BootDeviceControl {
  readonly address: string
  /** Concerns that a protocol does not have are absent, and whoever wants one says so to the person who asked. */
  readonly console?: ConsoleAccess
  readonly inventory?: InventoryReader
  readonly sensors?: SensorReader
  readonly eventLog?: EventLogReader
  readonly identifyLight?: IdentifyLight
  /** Ends any open session, unless a console or a reading still uses it; always safe to call. */
  close(): Promise<void>
}

export interface BmcDriver {
  readonly name: string
  open(endpoint: BmcEndpoint): Bmc
  /** Ends every session that the driver still keeps; at shutdown. */
  close?(): Promise<void>
}

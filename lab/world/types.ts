/**
 * The contract between the parts of the lab. `world/` implements the physics behind it; `bmc/`, `switch/`,
 * `maas/` and `cloudstack/` are the servers through which the outside touches that physics.
 * Nothing here knows Ferrule, and nothing here imports from `src/`.
 */

import type { Dials } from './dials.ts'

/** Virtual milliseconds. One real millisecond is `scale` virtual ones; scale Infinity means no waiting at all. */
export type VirtualMs = number

export interface Clock {
  readonly scale: number
  /** Virtual milliseconds since the epoch (continues over restarts of the lab). */
  now(): VirtualMs
  /** Sleeps virtual time; rejects with the signal's reason as soon as it aborts. */
  sleep(ms: VirtualMs, signal?: AbortSignal): Promise<void>
}

/** The world's own choices (jitter, ids, faults): equal for equal seeds. */
export interface Chance {
  /** 0 ≤ x < 1 */
  next(): number
  /** base ± share, e.g. jitter(60_000, 0.2) */
  jitter(base: number, share: number): number
  /** lower-case letters and digits */
  id(length: number): string
}

export interface Disk {
  readonly name: string // sda
  readonly serial: string
  readonly model: string
  /** Bytes as the OS reports them, e.g. 480e9; the contents are held sparsely. */
  readonly size: number
  read(offset: number, length: number): Buffer
  write(offset: number, bytes: Buffer): void
  /** Overwrites with zeroes. */
  zero(offset: number, length: number): void
  /** SHA-256 over all non-zero 64 KiB chunks with their offsets; equal to `blankHash` if all is zero. */
  hash(): string
  isBlank(): boolean
  /** True if these bytes stand anywhere on the disk. */
  contains(bytes: Buffer): boolean
  /** Fault dial: writes and zeroes are acknowledged but change nothing. */
  readOnly: boolean
}

export interface Cable {
  /** Management address of the switch, e.g. 127.40.20.1 */
  readonly switch: string
  /** As in the rack file: 1/1/3 style or the switch's own name, e.g. "TenGigabitEthernet 1/3" is port "1/3". */
  readonly port: string
}

export interface Nic {
  readonly name: string // eno1
  readonly mac: string // lower case, the true one
  /** Where it is plugged in: two may be swapped. */
  cable: Cable
  /** Loss of link: pulled cable. A switch port that is shut down is link loss too. */
  linkUp: boolean
}

/** A NIC by its name and its machine's. */
export interface NicPlace {
  machine: string
  nic: string
}

/** A machine's serial port as its BMC has it: serial over LAN is about this. */
export interface SerialPort {
  /** The last 64 KiB that came out. */
  history(): Buffer
  /** Calls back with what comes out; returns the function that ends it. */
  onOutput(listener: (bytes: Buffer) => void): () => void
  /** Keystrokes; lost if nothing on the machine reads them. */
  type(bytes: Buffer): void
  sendBreak(): void
}

/** Physical quantities of a machine at one instant. */
export interface Readings {
  inletC: number
  /** One per socket. */
  cpusC: number[]
  /** null: the machine is off, and its fans rest. */
  fansRpm: (number | null)[]
  psus: { present: boolean; failed: boolean; watts: number }[]
  /** What the whole machine draws. */
  watts: number
  /** null: the rail is off with the machine. */
  volts: {
    core: number | null
    v3: number | null
    v5: number | null
    v12: number | null
    battery: number
  }
  chassisOpen: boolean
}

/** What a BMC hears of its machine by wire, without asking. */
export type MachineEvent =
  | { kind: 'power'; on: boolean }
  | { kind: 'reset' }
  | { kind: 'firmware-hang' }
  | { kind: 'network-boot-failed' }
  | { kind: 'no-boot-device' }
  /** The firmware hands over: to the system on the disk, or to an environment from the network. */
  | { kind: 'boot'; from: 'disk' | 'network' }

export type BootDevice = 'none' | 'network' | 'disk' | 'bios' | 'cdrom'

/** What an IPMI BMC holds in boot parameter 5. */
export interface BootFlags {
  valid: boolean
  persistent: boolean
  efi: boolean
  device: BootDevice
}

/** What runs on the machine now. */
export type Running =
  | { kind: 'off' }
  | { kind: 'firmware' } // POST, PXE attempts
  | { kind: 'no-boot-device' } // hangs here, powered on
  | { kind: 'ephemeral'; purpose: 'commissioning' | 'deploy' | 'erase' | 'test' | 'enlist' } // MAAS's environment, in RAM
  | {
      kind: 'system'
      hostname: string
      image: string
      bootCount: number
      phase: 'booting' | 'hanging' | 'up'
      reason?: string
    }

/** One interface of a running installed system, with what the physics gives it at this instant. */
export interface LiveInterface {
  name: string // bond0, bond0.101, eno1
  mac: string // the MAC it uses
  /** VLAN that its frames enter by the active NIC's port; null if the port drops them. */
  vlan: number | null
  tagged: boolean
  activeNic: string | null
  /** With balance-tlb and balance-alb: where else it speaks, with the MACs of those NICs. */
  besides?: { nic: string; mac: string; vlan: number }[]
  lease: { ip: string; server: string; at: VirtualMs } | null
  /** Beside the link's own. Absent: none. */
  ip6?: Ip6Address[]
}

export interface Ip6Address {
  address: string
  /** Whose advertisement it is made of, which is the default route too; null: it stands in the configuration, without a route. */
  router: string | null
}

/** The hardware and what runs on it: everything that a BMC or MAAS's environments may do to a machine. */
export interface Machine {
  readonly name: string // r1-h3
  readonly rack: string
  readonly uuid: string
  readonly manufacturer: string
  readonly model: string
  readonly serial: string
  readonly cpuCount: number
  readonly cpuSpeedMhz: number
  readonly memoryMiB: number
  readonly nics: readonly Nic[] // [0] is the boot NIC
  readonly disks: readonly Disk[] // [0] is the root disk
  readonly bmc: BmcIdentity

  // ---- the BMC's side
  power(): 'on' | 'off'
  powerOn(): void // no-op when on
  powerOff(): void // at once, no-op when off
  /** ACPI button: only an installed system that is up heeds it, after its own shutdown time. */
  softOff(): void
  /** Off, a moment, on; no-op when off (IPMI: cycle of an off machine is refused by the BMC). */
  powerCycle(): void
  reset(): void
  bootFlags: BootFlags
  readonly serialPort: SerialPort
  readings(): Readings
  /** Calls back at each event; returns the function that ends it. */
  onEvent(listener: (event: MachineEvent) => void): () => void

  // ---- what can be seen
  running(): Running
  interfaces(): LiveInterface[]
  /** Files of the system installed on the root disk, or null: not bootable. Path → text. */
  installedFiles(): Record<string, string> | null
}

/** A machine as the lab itself handles it: with its faults, settable at run time. */
export interface WorldMachine extends Machine {
  readonly dials: Dials
  /** To be called when dials of the hardware were turned. */
  hardwareChanged(): void
}

export type BmcProtocol = 'ipmi' | 'redfish'

export interface BmcIdentity {
  readonly address: string // 127.40.1.13
  readonly protocols: readonly BmcProtocol[]
  readonly port: number // IPMI: 623, or another when 623 cannot be bound
  readonly httpsPort: number // Redfish: 443, or another when 443 cannot be bound
  readonly sshPort: number // SSH: 22, or another when 22 cannot be bound
  readonly username: string
  readonly password: string
  readonly mac: string
}

/** VLAN membership of one switch port as frames meet it. */
export interface PortMembership {
  enabled: boolean
  untagged: number | null
  tagged: readonly number[]
  /** The LACP group that it is a member of: it passes frames only of who speaks LACP. */
  lag?: number
  /** The member that its group lets through while it hears no LACP at all. */
  fallback?: true
}

/** Implemented by lab/switch: the running configuration, as physics. */
export interface SwitchFabric {
  membership(cable: Cable): PortMembership
  /** For LLDP: the switch's system name, chassis MAC and its own name of the port. */
  neighbour(cable: Cable): {
    systemName: string
    chassisMac: string
    portName: string
    managementAddress: string
  }
  /** Called back after each change of a running configuration. */
  onChange(listener: (cable: Cable) => void): void
}

/** A DHCP service that lives in one VLAN: MAAS in the PXE VLAN, a virtual router in a tenant's. */
export interface DhcpServer {
  readonly name: string
  readonly vlan: number
  /** null: no answer for this MAC. */
  offer(mac: string): { ip: string } | null
  /** The prefix that a router advertises here to everybody, and its name. Absent or null: nobody does. */
  advertises?(): { cidr: string; router: string } | null
  /**
   * What a virtual router answers over HTTP to whoever has the address `from` in its VLAN: CloudStack's metadata and
   * passwords. Absent or null: nothing.
   */
  answer?(from: string, request: HttpRequest): string | null
}

/** A GET. Names of headers are in lower case. */
export interface HttpRequest {
  port: number
  path: string
  headers?: Readonly<Record<string, string>>
}

/** Thrown into whatever runs on a machine when its power goes. */
export class PowerLost extends Error {
  constructor() {
    super('power lost')
    this.name = 'PowerLost'
  }
}

/** What MAAS's ephemeral environments (commissioning, curtin install, erase) can do on the machine they run on. */
export interface EphemeralHost {
  readonly machine: Machine
  /** The NIC that PXE-booted. */
  readonly bootNic: Nic
  /** Aborts with PowerLost. */
  readonly signal: AbortSignal
  sleep(ms: VirtualMs): Promise<void>
  /** A line of the environment's own on the serial port. */
  say(line: string): void
  /** Is MAAS reachable now: the boot NIC's link is up and its port carries the PXE VLAN untagged. */
  reachable(): boolean
  /**
   * Runs a script for real (sh, bash or python3 by its shebang), in a temporary folder, with the machine's disks as
   * sparse files that a stand-in `lsblk`, `blockdev` and `nvme` name; writes to them change the disks.
   */
  runScript(
    script: string,
    args: string[],
    env: Record<string, string>,
  ): Promise<{ exit: number; stdout: string; stderr: string }>
  /**
   * Writes boot signature, partition table and these files to the root disk, as curtin does; takes no time by itself.
   * Throws `InstallFailed`, with the disk left half written, if the machine's dial says so.
   */
  install(system: InstalledSystem): void
  powerOff(): void
  reboot(): void
}

export interface InstalledSystem {
  hostname: string
  image: string // ubuntu/jammy
  /** Everything that decides how it boots: /etc/netplan/50-cloud-init.yaml, /etc/cloud/cloud.cfg.d/90_maas_*.cfg … */
  files: Record<string, string>
  /** False: an image whose cloud-init cannot talk to MAAS; it never becomes Deployed. */
  cloudInit: boolean
  /** Names of other disks that its storage layout lies on too: a cache, or a root beside the disk that boots. */
  alsoOn?: readonly string[]
}

/**
 * MAAS as machines meet it. The world asks `boot` when a machine's firmware PXE-asks in the PXE VLAN, and runs what it
 * gets; it calls the metadata functions when an installed system's cloud-init (datasource MAAS, with these
 * credentials in its files) reaches MAAS in the PXE VLAN.
 */
export interface BootServer {
  readonly vlan: number
  /** null: no answer (firmware goes on to the next boot device). `local`: MAAS says boot from disk. */
  boot(ask: { mac: string; uuid: string }): BootAnswer | null
  /**
   * First boot: cloud-init fetched its user-data; this is what makes a machine Deployed. null: unknown credentials.
   * `systemId` is the end of the reporting endpoint (…/status/<system_id>) in the system's files, `token` the token_key.
   */
  fetchUserData(systemId: string, token: string): { userData: string | null } | null
  /** cloud-init of whatever booted reports its end (modules-final) under the node's token. */
  finished(systemId: string, token: string): void
}

export type BootAnswer =
  | { kind: 'local' }
  | {
      kind: 'ephemeral'
      purpose: 'commissioning' | 'deploy' | 'erase' | 'test' | 'enlist'
      run(host: EphemeralHost): Promise<void>
    }

/** One line of the world's diary: what a physical witness in the room, with a probe on every cable, would note. */
export interface Sighting {
  at: VirtualMs
  machine: string
  /**
   * presence: the installed system of `machine` can send and receive frames in `vlan` from now on; gone: no longer.
   * lease: a DHCP server answered; power, boot: as it says.
   */
  kind: 'presence' | 'gone' | 'lease' | 'power' | 'boot' | 'disk'
  vlan?: number
  mac?: string
  detail: string
}

export interface World {
  readonly seed: number
  readonly clock: Clock
  readonly chance: Chance
  readonly machines: readonly WorldMachine[]
  machine(name: string): WorldMachine // throws if unknown
  machineByMac(mac: string): WorldMachine | undefined
  /** Set once at construction time of the lab, before the first power-on. */
  connect(parts: { fabric: SwitchFabric; bootServer: BootServer }): void
  readonly dhcpServers: Map<number, DhcpServer> // by VLAN
  readonly diary: readonly Sighting[]
  /** Calls back at each new line of the diary; returns the function that ends it. */
  onSighting(listener: (sighting: Sighting) => void): () => void
  /** Physical acts of a person in the room, and of a tenant in their own system. */
  setLink(machine: string, nic: string, up: boolean): void
  /** The far ends of two NICs' cables change places. */
  swapCables(one: NicPlace, other: NicPlace): void
  /** Virtual milliseconds per real one from now on. Throws RangeError unless both it and the one so far are finite. */
  setTimeScale(scale: number): void
  /** The tenant adds a VLAN interface in the running system (netplan apply): it asks for DHCP at once. */
  addSystemVlan(machine: string, vlan: number, mac: string): Promise<LiveInterface>
  /** Persisted state of machines (disks, power, boot flags), for restart of the lab. */
  snapshot(): unknown
  restore(state: unknown): void
  stop(): Promise<void>
}

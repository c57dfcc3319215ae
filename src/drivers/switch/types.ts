import type { SwitchLease } from '../../domain/lease.ts'

/** The whole wanted or observed state of one switch port. VLAN sets are absolute, never deltas. */
export interface PortState {
  mode: 'access' | 'trunk'
  /** Exactly one untagged VLAN, or null: the port drops untagged frames (seen on devices, never wanted by us). */
  untagged: number | null
  /** Sorted ascending, no duplicates; empty for access. */
  tagged: readonly number[]
  enabled: boolean
  /**
   * Only in what a driver read. False: the port must be given another shape before it can take an untagged VLAN and
   * tagged ones together (OS9: `portmode hybrid`), which drops its link for a moment, so it is done while the host
   * rests. Absent: it can. It is no part of what a port carries.
   */
  prepared?: boolean
  /**
   * The LACP group that it is a member of, by number; absent: none. VLANs are then the group's, and every member says
   * the same. A member of a static group, or of one that only waits for LACP, is not said to be in one.
   */
  lag?: number
}

export interface SwitchTimeouts {
  connectMs: number
  requestMs: number
}

export interface SwitchEndpoint {
  /** Address or name; a port may follow after a colon. */
  address: string
  username: string
  password: string
  /** SHA-256 of the host key ("SHA256:" and base64, as ssh prints it) or of the certificate (hex pairs) that it must show. */
  fingerprint?: string
  /** PEM: one of these must have signed its certificate. */
  ca?: string
  /** Set by a person who accepts clear text, or any key and certificate. Never assumed. */
  insecure?: boolean
}

/** A MAC address that a switch has learned: frames from it came in on this port, in this VLAN, within its ageing time. */
export interface LearnedMac {
  port: string
  /** Lower case. */
  mac: string
  vlan: number
}

/**
 * A neighbour that a switch hears by LLDP and that names its own port by a MAC address (port id of subtype 3, IEEE
 * 802.1AB). A chassis id is left out: it is the address of one of several NICs, on the cables of all of them.
 */
export interface Announcement {
  /** Of the switch: the one that hears, never a LAG. */
  port: string
  /** Lower case. */
  mac: string
  /** Seconds for which its speaker wants it to be believed; null where the switch does not tell. */
  ttl: number | null
}

export interface SwitchCapabilities {
  transaction: 'atomic' | 'confirmed' | 'none'
  /** Does a save to the start-up configuration exist as a step of its own? */
  saveSeparate: boolean
  /** Can a port drop untagged frames? */
  nativelessTrunk: boolean
  fdb: boolean
  /** A VLAN is there as soon as a port names it: there is nothing to create. */
  implicitVlans?: boolean
}

/** The LACP groups of a switch with their members' canonical names, those without members too. */
export type SwitchLags = ReadonlyMap<number, readonly string[]>

/** A LAG that people made and keep, as it is configured now. */
export interface PreMadeLag {
  /** Canonical names of its members. */
  members: readonly string[]
  /** Do all of them speak LACP? */
  lacp: boolean
  /** Null: a host that speaks no LACP yet reaches the VLANs of the LAG. Else what is wrong, after its name: "has no LACP fallback". */
  fallback: string | null
  /** The switch's own words that set it. */
  command: string
}

/** One elementary change as the device gets it: for `plan`, for the log and for apply. */
export interface SwitchChange {
  port: string
  /** The device's own words, e.g. "interface vlan 100 / untagged TenGigabitEthernet 1/3". No secret. */
  lines: readonly string[]
}

/**
 * What a switch family must be able to do. The engine (engine.ts) owns the order read → diff → apply → read back →
 * save → verify and the fences; a driver only talks to its device.
 */
export interface SwitchDevice {
  readonly address: string
  readonly capabilities: SwitchCapabilities
  /** The canonical form of a port's name for this device ("Te 1/3", "1/3", "tengigabitethernet:1/3" → one name). */
  canonicalPort(port: string): string
  readPorts(ports: readonly string[]): Promise<Map<string, PortState>>
  /** As readPorts, from the start-up configuration, where the device keeps one. */
  readSavedPorts(ports: readonly string[]): Promise<Map<string, PortState>>
  readVlans(): Promise<{ vlan: number; description: string | null }[]>
  /** MAC addresses learned on a port with their VLANs; only with capability fdb. */
  readFdb(port: string): Promise<{ mac: string; vlan: number }[]>
  /** The same of all its ports by one command, uplinks too; only where a device shows it in one form for all. */
  readMacTable?(): Promise<LearnedMac[]>
  /** Of all its ports; only of a driver whose switches tell the kind of a port id. */
  readAnnouncements?(): Promise<Announcement[]>
  /** Only of a driver that makes and dissolves LAGs. */
  readLags?(): Promise<SwitchLags>
  /** Only of a driver that says so. Null: there is no such LAG. */
  readPreMadeLag?(lag: string): Promise<PreMadeLag | null>
  /** Pure: what apply would send to bring `current` to `wanted`, in an order that never widens before it narrows. */
  plan(
    current: ReadonlyMap<string, PortState>,
    wanted: ReadonlyMap<string, PortState>,
    vlansPresent: ReadonlySet<number>,
    /** Those that are Ferrule's to make and dissolve. One that will have no member any more goes with the change. */
    ownLags: SwitchLags,
  ): SwitchChange[]
  /**
   * Sends the planned changes, the lease proven right before each write; throws switch-refused on the first that the
   * device rejects, lease-lost, and PortsMoved if it saw, before it wrote anything, that the plan is out of date.
   */
  apply(lease: SwitchLease, changes: readonly SwitchChange[]): Promise<void>
  /** The lease is proven right before; throws lease-lost. */
  save(lease: SwitchLease): Promise<void>
  /** Only where the protocol pushes. */
  watch?: PortWatch
  close(): Promise<void>
}

/**
 * Calls `changed` when the subscription stands, for what came before is not told, and then after each change of what the
 * ports carry, whoever makes it, until `signal` fires. What has changed is not said: that is for a look.
 * @throws whatever ends it earlier: switch-unreachable, switch-auth, switch-refused (this switch tells nothing)
 */
export type PortWatch = (changed: () => void, signal: AbortSignal) => Promise<void>

export interface SwitchDriver {
  /** As in the rack file's `type`, compared without case: Force10. */
  readonly type: string
  /** Does it make and dissolve LAGs? Then its devices have readLags. */
  readonly createsLags?: true
  /** Does it read LAGs that people made? Then its devices have readPreMadeLag, and take the name of a LAG for a port's. */
  readonly readsPreMadeLags?: true
  /** As SwitchDevice.canonicalPort, without a switch: a rack file is read before its switches are. */
  canonicalPort(port: string): string
  /**
   * What is wrong with an endpoint before anything is sent to it (a damaged key, no fingerprint where one is needed), in
   * words for the person who wrote the rack file; empty if it can be opened.
   */
  endpointFaults?(endpoint: SwitchEndpoint): readonly string[]
  open(endpoint: SwitchEndpoint, timeouts?: Partial<SwitchTimeouts>): SwitchDevice
}

/** What the engine may touch on one switch: from the rack file. Anything else is refused with port-fenced / vlan-fenced. */
export interface SwitchFence {
  ports: ReadonlySet<string>
  vlanRange: { from: number; to: number }
  /** Always allowed although outside the range. */
  pxeVlan: number
  quarantineVlan: number
  /** May VLANs be created that the switch lacks? Yes, if absent. One that is there is never deleted, whosever it is. */
  createVlans?: boolean
  /** The numbers of the LAGs that Ferrule makes and dissolves. Absent: it makes none, and touches none. */
  lagRange?: { from: number; to: number }
}

/** What the engine knows of reaching a switch. */
export interface SwitchHealth {
  /** Open: calls fail at once. Half-open: the next call, or the one under way, shows whether it answers again. */
  state: 'closed' | 'open' | 'half-open'
  /** Calls without an answer since the last one that had one. */
  failures: number
  /** Milliseconds since the epoch; null while it answers. */
  nextTry: number | null
  lastError: string | null
}

export interface PortResult {
  port: string
  before: PortState
  after: PortState
  changed: boolean
}

/**
 * The ports of one switch as declared state. Callers name ports as their rack file does; names are compared in the
 * device's canonical form, and answers carry the caller's names. Errors name ports canonically.
 */
export interface SwitchPorts {
  readonly id: string
  /**
   * Brings ports to their wanted state: read, compare, write, read back, save, verify what was saved. Calls that come
   * close together become one write; may be repeated at will.
   * @throws invalid-input, port-fenced, vlan-fenced, vlan-missing (all faults at once, nothing sent), switch-unreachable,
   * switch-auth, switch-refused, switch-mismatch (states in details), not-found, lease-lost
   */
  ensurePorts(lease: SwitchLease, wanted: ReadonlyMap<string, PortState>): Promise<PortResult[]>
  readPorts(ports: readonly string[]): Promise<Map<string, PortState>>
  /** What the ports would be after a reboot of the switch. */
  readSavedPorts(ports: readonly string[]): Promise<Map<string, PortState>>
  /**
   * Both, if nobody writes the switch meanwhile; null: somebody does, and goes first. Asked once: a switch that does not
   * answer is asked again by whoever needs it.
   */
  look(
    ports: readonly string[],
  ): Promise<{ running: Map<string, PortState>; saved: Map<string, PortState> } | null>
  /**
   * Dry run: the exact lines per port; nothing is written. Same refusals as ensurePorts.
   * @param from what the ports will be by then; what they are now, if absent.
   */
  plan(
    wanted: ReadonlyMap<string, PortState>,
    from?: ReadonlyMap<string, PortState>,
  ): Promise<{ changes: SwitchChange[]; before: Map<string, PortState> }>
  /** Those of these VLANs that are missing on the switch and may not be created there. */
  missingVlans(vlans: readonly number[]): Promise<number[]>
  /** The LAGs in lagRange that are on the switch now, with their members. Empty for a driver that makes none. */
  ownLags(): Promise<SwitchLags>
  /** A LAG that people made; null: there is none of this name. @throws invalid-input where the driver reads none */
  preMadeLag(lag: string): Promise<PreMadeLag | null>
  /** The one form in which the device itself names this port: for comparing names from two sources. */
  canonicalPort(port: string): string
  /** MAC addresses learned on a port, lower case. */
  readFdb(port: string): Promise<{ mac: string; vlan: number }[]>
  /**
   * The same of several ports, in one command where the switch allows; those of other ports are left out. An entry of a
   * LAG is of each of these ports that is named as the LAG, and of no other.
   */
  learned(ports: readonly string[]): Promise<LearnedMac[]>
  /** Who announces himself by LLDP on these ports. Empty for a driver that does not read it. */
  announced(ports: readonly string[]): Promise<Announcement[]>
  /** Only where the protocol pushes. Ends when the switch is closed, too. */
  watch?: PortWatch
  health(): SwitchHealth
  /** Waits for the writes that were accepted, refuses later ones. */
  close(): Promise<void>
}

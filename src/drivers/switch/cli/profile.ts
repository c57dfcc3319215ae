import type { FallbackWords } from '../switchport/pre-made-lag.ts'
import type { PortState } from '../types.ts'
import type { NeighbourWords } from './neighbours.ts'

/** What a switch has configured on a port, settings that are without effect in its present mode included. */
export interface PortSettings {
  mode: 'access' | 'trunk'
  /** The untagged VLAN of access mode. */
  access: number | null
  /** The untagged VLAN of trunk mode. */
  native: number | null
  /** The list of trunk mode as the family keeps it: some count the native VLAN among it. Sorted. */
  allowed: readonly number[]
  enabled: boolean
}

export interface SeenPort {
  settings: PortSettings
  /** What of it lets frames pass. */
  state: PortState
  /** Why this port cannot be driven, with what to do, in words; null: it can. */
  undriven: string | null
}

/** A configuration, running or start-up, as far as VLANs go. */
export interface SeenConfig {
  ports: ReadonlyMap<string, SeenPort>
  /** With their names or descriptions. */
  vlans: ReadonlyMap<number, string | null>
}

/**
 * Lines that leave the port with a part of the old state or a part of the new one after each of them, and what must be
 * configured once they are done. The next step relies on it, so that it is read before that is sent.
 */
export interface Step {
  lines: readonly string[]
  vlans?: readonly number[]
  settings?: Partial<PortSettings>
}

export interface PortChange {
  port: string
  now: PortState
  want: PortState
  /** Wanted VLANs that the switch does not have yet. */
  missing: readonly number[]
}

/** How ports of a family are called. */
export interface PortNames {
  /** `name` as the configuration prints it, and all that may stand for it, in lower case. */
  types: readonly { name: string; prefixes: readonly string[]; position: RegExp }[]
  /** Of a number without a type. */
  defaultType?: string
  /** For the person who wrote another one. */
  example: string
}

/** Where a command leaves us. */
export type Mode = 'exec' | 'config'

/** What follows the host's name in the last line, and what stands before it, where something does. */
export interface Prompts {
  before?: RegExp
  /** The first one, with the host's name as group `host`. */
  first: RegExp
  exec: RegExp
  config: RegExp
}

/** One family of switches, as data. */
export interface CliProfile {
  /** As in the rack file's `type`. */
  type: string
  /** For messages: "a Cisco Nexus". */
  product: string
  ports: PortNames
  prompts: Prompts
  /** After the login: rights, no paging, long lines. */
  begin: readonly string[]
  /** What the first lines of an answer are when the switch says no. Never empty: a switch that is not heard is not obeyed. */
  errors: readonly [RegExp, ...RegExp[]]
  /** A command that tells the exit status of the last one, where there is such a thing. */
  status?: { command: string; good: RegExp }
  configure: {
    enter: readonly string[]
    leave: readonly string[]
    /** Where lines count only after a commit. What `candidate` shows, in the form of a reading, is proven before it. */
    commit?: { candidate: readonly string[]; command: string; done: RegExp }
  }
  read: {
    running: readonly string[]
    /** Null: what runs is what is saved. */
    saved: readonly string[] | null
    /** What it says instead of a start-up configuration when there is none. */
    nothingSaved?: RegExp
    /** The answers to the commands above, in their order. */
    parse(answers: readonly string[]): SeenConfig
    /** Where LAGs that people made can be read: its members say `channel-group`, and this is how the LAG falls back. */
    fallback?: FallbackWords
    fdb: {
      command(port: string): string
      /** `port`: some show the whole table, whatever they are asked. */
      parse(answer: string, config: SeenConfig, port: string): { mac: string; vlan: number }[]
      /** The VLANs of the running configuration are needed to read it. */
      byName: boolean
    }
    /** Where the form of its LLDP neighbours is known. */
    neighbours?: NeighbourWords
  }
  /** Null: nothing to save. */
  save: string | null
  /** Can a trunk port be without an untagged VLAN? */
  nativelessTrunk: boolean
  /** Pure. The steps of one port, in an order that narrows before it widens; each is committed, where there is a commit. */
  plan(change: PortChange): Step[]
}

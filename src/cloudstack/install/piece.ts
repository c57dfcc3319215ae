import type { CloudstackClient } from '../client/client.ts'

/** What the operator chose. Names are CloudStack's. */
export interface InstallOptions {
  /** Of the extension, of its cluster and of the one host that stands for all racks. */
  name: string
  zone: string | null
  pod: string | null
  /** Be a provider of user data, too, in the physical network of this name; null: in the only one. Absent: do not. */
  networkOrchestrator?: { physicalNetwork: string | null }
  /** Images of MAAS for which an example template is made. */
  images: readonly string[]
  /** Sizes of machines for which an example offering is made. */
  sizes: readonly { cpuCount: number; memoryMib: number }[]
}

/** What the pieces know of CloudStack as they go; an id is missing as long as its thing is. */
export interface Site {
  client: CloudstackClient
  options: InstallOptions
  zoneId?: string
  podId?: string
  extensionId?: string
  clusterId?: string
  networkExtensionId?: string
  physicalNetworkId?: string
}

/** How a piece was found. */
export type Finding =
  /** Nothing is to be done; `note`: something that the operator should know all the same. */
  | { as: 'right'; note?: string }
  | { as: 'missing'; make(): Promise<void>; note?: string }
  | { as: 'different'; differences: readonly string[]; mend(): Promise<void> }

/** One thing that the installation consists of. */
export interface Piece {
  /** "extension ferrule" */
  readonly what: string
  look(): Promise<Finding>
}

/** What is left of a piece, or of several of a kind. */
export interface Remnant {
  readonly what: string
  /** Null: it is not there. */
  look(): Promise<Removal | null>
}

/** How it is taken away; `kept`: why it has to stay. */
export type Removal = { remove(): Promise<void>; note?: string } | { kept: string }

export type Deed =
  | 'as is'
  | 'made'
  | 'changed'
  | 'removed'
  | 'kept'
  | 'gone'
  | 'would make'
  | 'would change'
  | 'would remove'

/** What was done, or would be, with one piece. */
export interface Line {
  deed: Deed
  what: string
  note: string | null
}

/** Of the dry run: an id that is not there yet. */
export const NOT_YET = 'not yet'

/** The first of a list of CloudStack's with exactly this name: some of its filters by name find parts of it. */
export function byName<T extends { name: string }>(items: readonly T[], name: string): T | undefined {
  return items.find((one) => one.name === name)
}

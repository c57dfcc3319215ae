import type { CliConfig, CliPort, TrunkRule } from './config.ts'
import type { CliModel } from './model.ts'

/** Where one login stands. */
export interface Shell {
  readonly model: CliModel
  readonly host: string
  readonly user: string
  /** The dialect's own word for the mode. */
  mode: string
  /** The port or VLAN of the mode. */
  at: string
  paging: boolean
  /** Of the last command, where there is such a thing. */
  status: number
  /** Of a private edit, where there is such a thing. */
  candidate: CliConfig | null
  /** What is made when the mode is left, where it is so. */
  pending: (() => void) | null
}

/** The command line of one make. */
export interface Dialect {
  readonly name: string
  readonly rule: TrunkRule
  /** Three ports as this make calls them. */
  readonly ports: readonly [string, string, string]
  /** The mode after the login. */
  readonly begin: string
  /** Holds long answers back, until it is told not to. */
  readonly pages: boolean
  prompt(shell: Shell): string
  /** What it prints to a line. @throws Refused with what it says, Cut */
  run(line: string, shell: Shell): string
  /** How a host's port rests, where that is not a mode of access beside a list that sleeps. */
  rest?(pxeVlan: number): Partial<CliPort>
  /** What it prints when it is too busy to obey. */
  readonly busy: string
}

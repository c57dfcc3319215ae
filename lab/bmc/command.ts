import type { Machine } from '../world/types.ts'
import type { Answer } from './answer.ts'
import type { BootOptions } from './boot-options.ts'
import type { BmcDials } from './dials.ts'
import type { Session, SessionTable } from './sessions.ts'

/** What a chassis remembers between commands. */
export interface ChassisMemory {
  /** The last power-on was asked for by IPMI. */
  poweredByCommand: boolean
  identify: 'off' | 'timed' | 'forced'
}

/** What commands read and change. */
export interface CommandContext {
  machine: Machine
  dials: BmcDials
  bootOptions: BootOptions
  chassis: ChassisMemory
  sessions: SessionTable
  guid: Buffer
  hasBmcKey: boolean
  /** Null: asked outside of a session. */
  session: Session | null
}

/** The part that needs no machine. */
export type AppContext = Pick<CommandContext, 'sessions' | 'guid' | 'hasBmcKey' | 'session'> & {
  dials: Pick<BmcDials, 'suites'>
}

/** `Needs`: the part of the context that the command looks at. */
export interface Command<Needs = CommandContext> {
  netFn: number
  command: number
  /** Lowest privilege level; 0 also outside of a session. */
  privilege: number
  /** Fewer data bytes are refused with 0xC7. */
  minBytes: number
  run(context: Needs, data: Buffer): Answer
}

import type { Answer } from './answer.ts'
import type { BootOptions } from './boot-options.ts'
import type { ManagementController } from './controller.ts'
import type { BmcDials } from './dials.ts'
import type { Reservations } from './reservations.ts'
import type { BmcClock, SystemEventLog } from './sel.ts'
import type { Sensors } from './sensors.ts'
import type { Session, SessionTable } from './sessions.ts'
import type { SerialOverLan } from './sol.ts'

/** What a chassis remembers between commands. */
export interface ChassisMemory {
  /** 0 stays off after a power failure, 1 as before, 2 always on. */
  restorePolicy: number
}

/** What commands read and change. */
export interface CommandContext {
  controller: ManagementController
  dials: BmcDials
  clock: BmcClock
  sel: SystemEventLog
  sensors: Sensors
  /** Sensor data records, the first one having id 1. */
  sdr: readonly Buffer[]
  fru: Buffer
  reservations: Reservations
  bootOptions: BootOptions
  chassis: ChassisMemory
  sessions: SessionTable
  sol: SerialOverLan
  guid: Buffer
  hasBmcKey: boolean
  privilegeLimit: number
  /** UDP port that the BMC is reached at. */
  port: number
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

import type { WorldClock } from './clock.ts'
import type { Diary } from './diary.ts'
import type { BootServer, DhcpServer, SwitchFabric } from './types.ts'

/** What every machine finds around itself. */
export interface Surroundings {
  readonly clock: WorldClock
  readonly diary: Diary
  readonly dhcpServers: ReadonlyMap<number, DhcpServer>
  /** The parts that `World.connect` brought; throws before that. */
  readonly fabric: SwitchFabric
  readonly bootServer: BootServer
}

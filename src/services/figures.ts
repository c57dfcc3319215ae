import { FerruleError } from '../domain/errors.ts'
import type { SwitchReached } from '../domain/switch-reach.ts'
import { operationsByState, ping } from '../store/figures.ts'
import type { PowerSummary } from '../store/power-readings.ts'
import { powerSummary } from '../store/power-readings.ts'
import { type SwitchLook, switchLooks } from '../store/switch-looks.ts'
import type { Services } from './context.ts'
import { hostViews } from './hosts.ts'
import { type SwitchWatchView, switchesReached, watchViews } from './switches.ts'

export interface Figures {
  operations: { state: string; count: number }[]
  hosts: { state: string; count: number }[]
  power: PowerSummary
  switches: (SwitchReached & { look: SwitchLook | null; watch: SwitchWatchView })[]
}

/** What the metrics tell: how many operations and hosts are in which state, and what is known of their power. */
export async function figures(services: Services): Promise<Figures> {
  const { db } = services.tools
  const [operations, hosts, power, switches, looks, watchOf] = await Promise.all([
    operationsByState(db),
    hostViews(services),
    powerSummary(db),
    switchesReached(services),
    switchLooks(db),
    watchViews(services),
  ])
  const states = new Map<string, number>()
  for (const host of hosts) states.set(host.state, (states.get(host.state) ?? 0) + 1)
  return {
    operations,
    power,
    switches: switches.map((one) => ({ ...one, look: looks.get(one.id) ?? null, watch: watchOf(one.id) })),
    hosts: [...states].map(([state, count]) => ({ state, count })),
  }
}

export async function databaseFault(services: Services): Promise<FerruleError | null> {
  try {
    await ping(services.tools.db)
    return null
  } catch (error) {
    if (error instanceof FerruleError) return error
    throw error
  }
}

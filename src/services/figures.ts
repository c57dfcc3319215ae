import { FerruleError } from '../domain/errors.ts'
import { operationsByState, ping } from '../store/figures.ts'
import type { Services } from './context.ts'
import { hostViews } from './hosts.ts'

export interface Figures {
  operations: { state: string; count: number }[]
  hosts: { state: string; count: number }[]
}

/** What the metrics tell: how many operations and hosts are in which state. */
export async function figures(services: Services): Promise<Figures> {
  const [operations, hosts] = await Promise.all([operationsByState(services.tools.db), hostViews(services)])
  const states = new Map<string, number>()
  for (const host of hosts) states.set(host.state, (states.get(host.state) ?? 0) + 1)
  return { operations, hosts: [...states].map(([state, count]) => ({ state, count })) }
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

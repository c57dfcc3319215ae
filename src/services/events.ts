import type { FerruleEvent } from '../store/events.ts'
import { listEvents, newestEventId } from '../store/events.ts'
import type { Services } from './context.ts'

/** Oldest first. */
export async function events(
  services: Services,
  where: Parameters<typeof listEvents>[1],
): Promise<FerruleEvent[]> {
  return listEvents(services.tools.db, where)
}

export async function newestEvent(services: Services): Promise<number> {
  return newestEventId(services.tools.db)
}

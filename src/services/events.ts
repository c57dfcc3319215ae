import type { FerruleEvent } from '../store/events.ts'
import { listEvents, listNewestEvents, newestEventId } from '../store/events.ts'
import type { Services } from './context.ts'

/** Oldest first. */
export async function events(
  services: Services,
  where: Parameters<typeof listEvents>[1],
): Promise<FerruleEvent[]> {
  return listEvents(services.tools.db, where)
}

/** Newest first. */
export async function newestEvents(
  services: Services,
  where: Parameters<typeof listNewestEvents>[1],
): Promise<FerruleEvent[]> {
  return listNewestEvents(services.tools.db, where)
}

export async function newestEvent(services: Services): Promise<number> {
  return newestEventId(services.tools.db)
}

import { spread } from './hash.ts'

/**
 * Which replica watches a host: the one with the highest number for the pair of both (rendezvous hashing). Every replica
 * works it out alone and alike from the list of those that live; when one comes or goes, only its own hosts change hands.
 */
export function watcherOf(hostId: string, replicas: Iterable<string>): string | null {
  let watcher: string | null = null
  let highest = -1
  for (const replica of replicas) {
    const weight = spread(`${replica} ${hostId}`)
    if (weight > highest || (weight === highest && watcher !== null && replica < watcher)) {
      watcher = replica
      highest = weight
    }
  }
  return watcher
}

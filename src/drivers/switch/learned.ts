import { FerruleError } from '../../domain/errors.ts'
import { readAgain } from './reads.ts'
import type { Announcement, LearnedMac, SwitchDevice } from './types.ts'

/**
 * What a switch has learned on these ports, with the names that the caller gave them. A switch without a table of all its
 * ports is asked for one port after the other, as its command line has one session.
 */
export async function learnedOn(
  device: SwitchDevice,
  ports: readonly string[],
  readRetryMs: readonly number[],
): Promise<LearnedMac[]> {
  const readTable = device.readMacTable?.bind(device)
  if (readTable) {
    return namedAs(device, ports, await readAgain(readTable, readRetryMs))
  }
  const found: LearnedMac[] = []
  for (const port of ports) {
    const entries = await readAgain(() => device.readFdb(device.canonicalPort(port)), readRetryMs)
    found.push(...entries.map((entry) => ({ ...entry, port })))
  }
  return found
}

/** Who announces himself by LLDP on these ports, with the names that the caller gave them. */
export async function announcedOn(
  device: SwitchDevice,
  ports: readonly string[],
  readRetryMs: readonly number[],
): Promise<Announcement[]> {
  const readAll = device.readAnnouncements?.bind(device)
  return readAll ? namedAs(device, ports, await readAgain(readAll, readRetryMs)) : []
}

/** Those of a whole switch that are on one of these ports. */
function namedAs<E extends { port: string }>(
  device: SwitchDevice,
  ports: readonly string[],
  entries: readonly E[],
): E[] {
  const names = new Map(ports.map((port) => [device.canonicalPort(port), port]))
  return entries.flatMap((entry) => {
    const port = names.get(canonical(device, entry.port))
    return port === undefined ? [] : [{ ...entry, port }]
  })
}

/** What is no port of the switch's front, as its own processor, stays as the switch calls it. */
function canonical(device: SwitchDevice, port: string): string {
  try {
    return device.canonicalPort(port)
  } catch (error) {
    if (error instanceof FerruleError && error.code === 'invalid-input') return port
    throw error
  }
}

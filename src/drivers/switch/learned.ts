import { FerruleError } from '../../domain/errors.ts'
import { readAgain } from './reads.ts'
import type { LearnedMac, SwitchDevice } from './types.ts'

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
    const names = new Map(ports.map((port) => [device.canonicalPort(port), port]))
    const table = await readAgain(readTable, readRetryMs)
    return table.flatMap((entry) => {
      const port = names.get(canonical(device, entry.port))
      return port === undefined ? [] : [{ ...entry, port }]
    })
  }
  const found: LearnedMac[] = []
  for (const port of ports) {
    const entries = await readAgain(() => device.readFdb(device.canonicalPort(port)), readRetryMs)
    found.push(...entries.map((entry) => ({ ...entry, port })))
  }
  return found
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

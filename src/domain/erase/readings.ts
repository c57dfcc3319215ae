/** One line of the verify script's output: a disk as it was read back. */
export interface DiskReading {
  disk: string
  serial: string
  size: number
  readonly: boolean
  sampled: number
  nonzero: number
  unreadable: number
  /** null: it cannot be read. */
  first_mib_zero: boolean | null
  last_mib_zero: boolean | null
}

export interface Summary {
  method: string
  passed: boolean
}

/** Lines that are not ours, or not whole, are left out: a missing line proves nothing, and that is judged later. */
export function readReadings(output: string): { readings: DiskReading[]; summary: Summary | null } {
  const lines = output
    .split('\n')
    .map(parsed)
    .filter((line) => line !== null)
  return {
    readings: lines.flatMap((line) => reading(line) ?? []),
    summary: lines.map(summaryOf).find((line) => line !== null) ?? null,
  }
}

function parsed(line: string): Record<string, unknown> | null {
  if (!line.startsWith('{')) return null
  try {
    // An object by its first character.
    return JSON.parse(line) as Record<string, unknown>
  } catch {
    return null
  }
}

function reading(line: Record<string, unknown>): DiskReading | null {
  const { disk, serial, size, readonly, sampled, nonzero, unreadable, first_mib_zero, last_mib_zero } = line
  if (typeof disk !== 'string' || typeof serial !== 'string' || typeof readonly !== 'boolean') return null
  if (!isCount(size) || !isCount(sampled) || !isCount(nonzero) || !isCount(unreadable)) return null
  if (!isMaybe(first_mib_zero) || !isMaybe(last_mib_zero)) return null
  return { disk, serial, size, readonly, sampled, nonzero, unreadable, first_mib_zero, last_mib_zero }
}

function summaryOf(line: Record<string, unknown>): Summary | null {
  const { summary, method, passed } = line
  return summary === true && typeof method === 'string' && typeof passed === 'boolean'
    ? { method, passed }
    : null
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}

function isMaybe(value: unknown): value is boolean | null {
  return typeof value === 'boolean' || value === null
}

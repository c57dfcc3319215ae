import { usage } from './failure.ts'

const units: Record<string, number> = { ms: 1, '': 1000, s: 1000, m: 60_000, h: 3_600_000 }

/** Milliseconds from 90, 90s, 10m or 2h. */
export function parseDuration(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h)?$/.exec(text.trim())
  if (!match) throw usage(`"${text}" is not a duration`, 'Write seconds or a unit: 90, 90s, 10m, 2h.')
  return Number(match[1]) * (units[match[2] ?? ''] ?? 1000)
}

export function formatDuration(ms: number): string {
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)}s`
  const seconds = Math.round(ms / 1000)
  return `${Math.floor(seconds / 60)}m${String(seconds % 60).padStart(2, '0')}s`
}

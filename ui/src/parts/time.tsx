import { useNow } from './now.ts'

const units: readonly [string, number][] = [
  ['d', 86_400],
  ['h', 3_600],
  ['min', 60],
]

/** 42 s, 3 min, 2 h 5 min. */
export function durationText(ms: number): string {
  const seconds = Math.max(0, ms) / 1000
  if (seconds < 0.1) return 'under 0.1 s'
  if (seconds < 10) return `${seconds.toFixed(1)} s`
  for (const [index, [unit, size]] of units.entries()) {
    if (seconds < size) continue
    const whole = Math.floor(seconds / size)
    const next = units[index + 1]
    const rest = next ? Math.floor((seconds % size) / next[1]) : 0
    return rest > 0 && next ? `${whole} ${unit} ${rest} ${next[0]}` : `${whole} ${unit}`
  }
  return `${Math.round(seconds)} s`
}

const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', second: '2-digit' })
const full = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' })

/** Local time with its date. */
export const fullText = (at: string) => full.format(new Date(at))

/** Local time of day. */
export const clockText = (at: string) => clock.format(new Date(at))

/** Local time; of another day with its date. */
function timeText(at: string): string {
  const date = new Date(at)
  const today = new Date().toDateString() === date.toDateString()
  return today ? clock.format(date) : full.format(date)
}

const longTime = new Date(2028, 8, 28, 22, 58, 58)
const longest = { clock: clock.format(longTime), full: full.format(longTime) }

/** About as wide as the time would be, without writing it out: for the width of a column with ten thousand of them. */
export function timeSample(at: string): string {
  return Date.parse(at) >= new Date().setHours(0, 0, 0, 0) ? longest.clock : longest.full
}

/** Local time, UTC on hover. */
export function Time({ at }: { at: string }) {
  return (
    <time dateTime={at} title={`${new Date(at).toISOString().replace('T', ' ').replace('Z', '')} UTC`}>
      {timeText(at)}
    </time>
  )
}

/** 42 s, 3 min, 2 h: as much as a table has room for. */
function shortly(ms: number): string {
  const seconds = Math.max(1, Math.round(ms / 1000))
  const [unit, size] = units.find((one) => seconds >= one[1]) ?? ['s', 1]
  return `${Math.floor(seconds / size)} ${unit}`
}

/** How long ago, counting. */
export function Ago({ at, short = false }: { at: string; short?: boolean }) {
  const now = useNow()
  const date = new Date(at)
  return (
    <time dateTime={at} title={`${full.format(date)}; ${date.toISOString()} UTC`}>
      {short ? shortly(now - date.getTime()) : durationText(Math.max(100, now - date.getTime()))}
    </time>
  )
}

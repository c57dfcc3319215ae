const milliseconds = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const

type Unit = keyof typeof milliseconds

/** `90s`, `40m`, `1.5h`, `250ms`, `2d`. */
export const durationPattern = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/

/** @returns milliseconds. @throws RangeError when the text is no duration. */
export function parseDuration(text: string): number {
  const [, amount, unit] = durationPattern.exec(text) ?? []
  if (amount === undefined || unit === undefined) throw new RangeError(`${text} is no duration`)
  // The pattern admits only the units of the table.
  return Math.round(Number(amount) * milliseconds[unit as Unit])
}

/**
 * What a wait on the outside world becomes when that world runs `timeScale` times as fast.
 *
 * @param floor what our own work may need on a busy machine, however fast the world is. A time that is shorter
 *   already is left as it is.
 */
export function scaleDuration(ms: number, timeScale: number, floor: number): number {
  return Math.min(ms, Math.max(Math.round(ms / timeScale), floor))
}

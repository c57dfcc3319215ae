import { availableParallelism, totalmem } from 'node:os'

/** One figure of a bench. */
export interface Result {
  id: string
  value: number
  unit: string
  better: 'lower' | 'higher'
}

export interface Report {
  bench: string
  machine: { cores: number; memoryGiB: number; node: string }
  results: Result[]
}

export function report(bench: string, results: readonly Result[]): Report {
  const machine = {
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    node: process.version,
  }
  return { bench, machine, results: results.map((one) => ({ ...one, value: rounded(one.value) })) }
}

/** For people: one line per figure, with what it means. */
export function table({ bench, machine, results }: Report, meaning: Record<string, string>): string {
  const cells = results.map((one) => [one.id, String(one.value), one.unit, meaning[one.id] ?? ''] as const)
  const width = (column: 0 | 1 | 2) => Math.max(...cells.map((row) => row[column].length))
  const lines = cells.map(
    ([id, value, unit, text]) =>
      `${id.padEnd(width(0))}  ${value.padStart(width(1))} ${unit.padEnd(width(2))}  ${text}`,
  )
  const head = `${bench}: ${machine.cores} cores, ${machine.memoryGiB} GiB, node ${machine.node}`
  return `${[head, '', ...lines].join('\n')}\n`
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length / 2
  const low = sorted[Math.ceil(middle) - 1] ?? 0
  const high = sorted[Math.floor(middle)] ?? 0
  return (low + high) / 2
}

/** Three significant digits: more would be noise. */
function rounded(value: number): number {
  return value === 0 ? 0 : Number(value.toPrecision(3))
}

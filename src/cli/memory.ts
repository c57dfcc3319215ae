import { usage } from './failure.ts'

const units: Record<string, number> = { '': 1, m: 1, g: 1024, t: 1024 * 1024 }

/** Memory in MiB from 32768, 32768M, 32G, 32GiB or 1T; always powers of two, as offerings count. */
export function parseMemory(text: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*([mgt]?)(?:i?b)?$/i.exec(text.trim())
  const mib = Number(match?.[1] ?? Number.NaN) * (units[(match?.[2] ?? '').toLowerCase()] ?? Number.NaN)
  if (!Number.isInteger(mib) || mib <= 0)
    throw usage(`"${text}" is not an amount of memory`, 'Write MiB or a unit: 32768, 32G, 1T.')
  return mib
}

export function formatMemory(mib: number): string {
  if (mib >= 1024 * 1024 && mib % (1024 * 1024) === 0) return `${mib / 1024 / 1024}T`
  return mib % 1024 === 0 ? `${mib / 1024}G` : `${mib}M`
}

/** Disks are sold in powers of ten. */
export function formatBytes(bytes: number): string {
  const names = ['B', 'kB', 'MB', 'GB', 'TB']
  let [value, unit] = [bytes, 0]
  while (value >= 1000 && unit < names.length - 1) [value, unit] = [value / 1000, unit + 1]
  return `${Number(value.toFixed(value < 10 ? 1 : 0))} ${names[unit]}`
}

import { CliFailure, exitCodes } from '../failure.ts'

/** In the rack file's own shape. */
export interface ImportedRack {
  name?: string
  l2Switch: {
    ip: string
    username: string
    password: { ref: string }
    type: string
    fingerprint?: string
    unit?: number
  }
  hosts: { mac: string; port: string; unit?: number; units?: number }[]
  pxeVlan?: number
  quarantineVlan?: number
  vlanRange?: { from: number; to: number }
  uplinks?: string[]
}

export interface ImportFault {
  /** Where in the source: a line and column, or an object with its address. */
  place: string
  problem: string
}

export interface Imported {
  racks: ImportedRack[]
  faults: ImportFault[]
  /** What was left out, and what a person must still add. */
  notes: string[]
}

/** Everything that is wrong, at once; nothing is written unless all is right. */
export function racksOf({ racks, faults }: Imported, source: string): ImportedRack[] {
  if (faults.length === 0 && racks.length > 0) return racks
  const all = faults.length > 0 ? faults : [{ place: source, problem: 'names no switch' }]
  const what = `${all.length} fault${all.length > 1 ? 's' : ''}\n${all.map(({ place, problem }) => `  ${place}: ${problem}`).join('\n')}`
  throw new CliFailure(
    exitCodes.refused,
    what,
    source,
    'Correct them there and import again; nothing was written.',
    {
      faults: all,
    },
  )
}

/** "52:54:00:aa:bb:01" of any of the ways in which it is written; null if it is no address of one NIC. */
export function macOf(text: string): string | null {
  const digits = text.trim().toLowerCase().replaceAll(/[:.-]/g, '')
  if (!/^[0-9a-f]{12}$/.test(digits) || /^0{12}$/.test(digits)) return null
  // the lowest bit of the first byte says that it is a group's
  if (Number.parseInt(digits.slice(0, 2), 16) % 2 === 1) return null
  return digits.replaceAll(/..(?!$)/g, '$&:')
}

export function vlanOf(text: string): number | null {
  const vlan = /^\d{1,4}$/.test(text.trim()) ? Number(text) : 0
  return vlan >= 1 && vlan <= 4094 ? vlan : null
}

/** "100-899" */
export function vlanRangeOf(text: string): { from: number; to: number } | null {
  const [from, to, ...more] = text.split('-').map((part) => vlanOf(part))
  return more.length === 0 && from && to && from <= to ? { from, to } : null
}

/** A height unit of a rack. */
export function unitOf(text: string): number | null {
  const unit = /^\d{1,3}$/.test(text.trim()) ? Number(text) : 0
  return unit >= 1 && unit <= 100 ? unit : null
}

/** A reference to a secret, never the secret itself. */
export function isReference(text: string): boolean {
  return /^(?:env:[A-Za-z_]\w*|file:\/.+)$/.test(text)
}

export function byPort(a: { port: string }, b: { port: string }): number {
  return a.port.localeCompare(b.port, 'en', { numeric: true })
}

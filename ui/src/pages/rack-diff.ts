import type { Schemas } from '../api/client.ts'

export interface CableChange {
  change: 'adds' | 'removes' | 'moves'
  mac: string
  before: string
  after: string
}

/** Cables of the file against those that are applied; null: it is not JSON, so only the API can read it. */
export function cableDiff(current: Schemas['Rack'] | null, file: string): CableChange[] | null {
  const wanted = cablesOf(file)
  if (wanted === null) return null
  const had = new Map(
    (current?.switches ?? []).flatMap(({ address, ports }) =>
      ports.map(({ mac, port }) => [mac, `${address} ${port}`] as const),
    ),
  )
  const changes: CableChange[] = []
  for (const [mac, after] of wanted) {
    const before = had.get(mac)
    if (before === undefined) changes.push({ change: 'adds', mac, before: '', after })
    else if (before !== after) changes.push({ change: 'moves', mac, before, after })
  }
  for (const [mac, before] of had)
    if (!wanted.has(mac)) changes.push({ change: 'removes', mac, before, after: '' })
  return changes
}

/** As far as it has the shape; what is wrong in it the API says, with its line. */
function cablesOf(file: string): Map<string, string> | null {
  let parsed: unknown
  try {
    parsed = JSON.parse(file)
  } catch {
    return null
  }
  const cables = new Map<string, string>()
  for (const rack of list(field(parsed, 'racks'))) {
    const address = String(field(field(rack, 'l2Switch'), 'ip') ?? '')
    for (const host of list(field(rack, 'hosts')))
      cables.set(
        String(field(host, 'mac') ?? '').toLowerCase(),
        `${address} ${String(field(host, 'port') ?? '')}`,
      )
  }
  return cables
}

function field(of: unknown, name: string): unknown {
  return typeof of === 'object' && of !== null ? Reflect.get(of, name) : undefined
}

function list(of: unknown): unknown[] {
  return Array.isArray(of) ? of : []
}

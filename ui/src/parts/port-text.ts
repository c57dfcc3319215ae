import type { Schemas } from '../api/client.ts'
import { words } from '../words.ts'

type Port = Schemas['Drift']['ports'][number]['running']

/** VLAN 101 untagged, 102 tagged, in LAG 1. Null: nobody knows. */
export function portText(port: Port): string {
  if (port === null) return words.unknown
  const parts = [
    ...(port.untagged === null ? [] : [`VLAN ${port.untagged}`]),
    ...(port.tagged.length === 0 ? [] : [`+ ${port.tagged.join(', ')} tagged`]),
    ...(port.lag === null ? [] : [`in LAG ${port.lag}`]),
    ...(port.enabled ? [] : ['shut down']),
  ]
  return parts.length === 0 ? words.none : parts.join(' ')
}

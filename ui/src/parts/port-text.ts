import type { Schemas } from '../api/client.ts'
import { words } from '../words.ts'

type Port = Schemas['Drift']['ports'][number]['running']

/** VLAN 101 untagged, 102 tagged. Null: nobody knows. */
export function portText(port: Port): string {
  if (port === null) return words.unknown
  const parts = [
    ...(port.untagged === null ? [] : [`VLAN ${port.untagged}`]),
    ...(port.tagged.length === 0 ? [] : [`+ ${port.tagged.join(', ')} tagged`]),
    ...(port.enabled ? [] : ['shut down']),
  ]
  return parts.length === 0 ? words.none : parts.join(' ')
}

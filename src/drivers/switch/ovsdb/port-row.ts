import { z } from 'zod'
import { FerruleError } from '../../../domain/errors.ts'
import type { PortState } from '../types.ts'

/** RFC 7047 §5.1: a set of one element may come without its wrapping. */
function setOf<T extends z.ZodType>(atom: T) {
  return z.union([
    z.tuple([z.literal('set'), z.array(atom)]).transform(([, elements]) => elements),
    atom.transform((element) => [element]),
  ])
}

function optional<T extends z.ZodType>(atom: T) {
  return setOf(atom).transform((elements) => elements[0] ?? null)
}

export const uuid = z.tuple([z.literal('uuid'), z.string()]).transform(([, id]) => id)
export const uuids = setOf(uuid)
export const optionalText = optional(z.string())

/** The columns of `Port` (ovs-vswitchd.conf.db(5)) that say which VLANs pass. */
export const vlanColumns = ['vlan_mode', 'tag', 'trunks'] as const

export interface PortRow {
  uuid: string
  name: string
  vlanMode: string | null
  tag: number | null
  trunks: readonly number[]
  interfaces: readonly string[]
}

export const portRow = z
  .object({
    _uuid: uuid,
    name: z.string(),
    vlan_mode: optionalText,
    tag: optional(z.int()),
    trunks: setOf(z.int()),
    interfaces: uuids,
  })
  .transform(
    ({ _uuid, vlan_mode, ...row }): PortRow => ({
      ...row,
      uuid: _uuid,
      vlanMode: vlan_mode,
      trunks: row.trunks.toSorted((a, b) => a - b),
    }),
  )

export type PortVlans = Pick<PortRow, 'vlanMode' | 'tag' | 'trunks'>

/** The same as the wire has it, for `wait` and `update`. */
export function wireVlans({
  vlanMode,
  tag,
  trunks,
}: PortVlans): Record<(typeof vlanColumns)[number], unknown> {
  return {
    vlan_mode: vlanMode ?? ['set', []],
    tag: tag ?? ['set', []],
    trunks: ['set', [...trunks]],
  }
}

const everyVlan: readonly number[] = Array.from({ length: 4094 }, (_, index) => index + 1)

/**
 * What a row lets pass, by the rules of bridge.c and ofproto-dpif.c: without a mode, a port with a tag is an access
 * port and any other one a trunk; a trunk without a list carries every VLAN, and untagged frames as VLAN 0.
 * `native-tagged` and `dot1q-tunnel` have no untagged VLAN in our sense (the native one leaves with a tag; the tunnel
 * hides the host's own tags in it), so they read as a state that is never wanted, with the VLANs that they do carry.
 */
export function readVlans({
  vlanMode,
  tag,
  trunks,
}: PortVlans): Pick<PortState, 'mode' | 'untagged' | 'tagged'> {
  const native = tag ?? 0
  const mode = vlanMode ?? (tag === null ? 'trunk' : 'access')
  const listed = trunks.length === 0 ? everyVlan : trunks.filter((vlan) => vlan !== 0)
  const others = listed.filter((vlan) => vlan !== native)
  switch (mode) {
    case 'access':
      return { mode: 'access', untagged: native, tagged: [] }
    case 'native-untagged':
      return { mode: 'trunk', untagged: native, tagged: others }
    case 'native-tagged':
      return { mode: 'trunk', untagged: null, tagged: withVlan(others, native) }
    case 'dot1q-tunnel':
      return { mode: 'trunk', untagged: null, tagged: [native] }
    default:
      return {
        mode: 'trunk',
        untagged: trunks.length === 0 || trunks.includes(0) ? 0 : null,
        tagged: listed,
      }
  }
}

function withVlan(vlans: readonly number[], vlan: number): number[] {
  return [...vlans, vlan].sort((a, b) => a - b)
}

/** @throws invalid-input for a port that carries nothing: Open vSwitch has no such setting */
export function rowVlans(port: string, { untagged, tagged }: PortState): PortVlans {
  if (untagged !== null && tagged.length === 0) return { vlanMode: 'access', tag: untagged, trunks: [] }
  if (untagged !== null) return { vlanMode: 'native-untagged', tag: untagged, trunks: [...tagged] }
  // an empty list would carry every VLAN
  if (tagged.length > 0) return { vlanMode: 'trunk', tag: null, trunks: [...tagged] }
  throw new FerruleError(
    'invalid-input',
    `Port ${port} cannot be left without any VLAN on an Open vSwitch`,
    'Name an untagged VLAN or a tagged one.',
    { port },
  )
}

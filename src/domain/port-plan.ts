import type { InstanceNic } from './instance.ts'
import { defaultNic, taggedNics } from './instance.ts'
import { vlanRanges } from './vlan.ts'

/** The whole wanted state of a switch port; the same shape as the switch drivers'. */
export interface WantedPort {
  mode: 'access' | 'trunk'
  untagged: number
  tagged: number[]
  enabled: boolean
  /** The LACP group of the switch that it is a member of, by number; absent: none. */
  lag?: number
}

/** "Unconfigured" is a state that we write and verify: access on the PXE VLAN, where MAAS can boot the host. */
export function pxePort(pxeVlan: number): WantedPort {
  return { mode: 'access', untagged: pxeVlan, tagged: [], enabled: true }
}

/** The safest reachable place for a host that is not confirmed off: a VLAN without any service. */
export function quarantinePort(quarantineVlan: number): WantedPort {
  return { mode: 'access', untagged: quarantineVlan, tagged: [], enabled: true }
}

/**
 * A tenant's port: the default NIC's network untagged, every other network tagged, the same on every wired port.
 * @param lag of a server whose bond is 802.3ad. Only a tenant's ports are ever in one: nothing boots from the network there.
 */
export function tenantPort(nics: readonly InstanceNic[], lag?: number): WantedPort {
  const first = defaultNic(nics)
  if (!first) throw new Error('an instance without a default NIC has no port plan')
  const tagged = [...new Set(taggedNics(nics).map((nic) => nic.vlan))]
  return {
    mode: tagged.length > 0 ? 'trunk' : 'access',
    untagged: first.vlan,
    tagged,
    enabled: true,
    ...(lag === undefined ? {} : { lag }),
  }
}

/** A port as a switch shows it; drivers say more of it. */
export interface SeenPort {
  mode: 'access' | 'trunk'
  /** Null: untagged frames are dropped. */
  untagged: number | null
  tagged: readonly number[]
  enabled: boolean
  lag?: number
}

/** Do both let the same frames pass, as members of the same LAG or of none? */
export function carriesSame(a: SeenPort, b: SeenPort): boolean {
  const tagged = (port: SeenPort) => [...new Set(port.tagged)].sort((x, y) => x - y).join()
  return a.untagged === b.untagged && a.enabled === b.enabled && a.lag === b.lag && tagged(a) === tagged(b)
}

/** For people: "trunk untagged 101 tagged 102,103 in LAG 1". */
export function describePort({ mode, untagged, tagged, enabled, lag }: SeenPort): string {
  const more = tagged.length > 0 ? ` tagged ${vlanRanges(tagged).join(',')}` : ''
  const group = lag === undefined ? '' : ` in LAG ${lag}`
  return `${mode} untagged ${untagged ?? 'none'}${more}${group}${enabled ? '' : ', shut down'}`
}

import { openConfig } from '../dialect.ts'
import type { Traits } from '../transport.ts'

/** Where devices have the VLANs of their one forwarding instance. */
export const DEFAULT_INSTANCE = 'default'

export interface NetconfTraits extends Traits {
  candidate: boolean
  /** Running can be edited without a commit, by others too. */
  writableRunning: boolean
  confirmedCommit: boolean
  cancelCommit: boolean
  rollbackOnError: boolean
  /** It has openconfig-lldp. */
  lldp: boolean
  /** Where VLANs are made before a port may name them. */
  vlansAt: 'network-instance' | 'root' | 'nowhere'
}

/** openconfig-vlan 2.0.0 moved the list of VLANs from the root of the tree into network instances. */
const VLANS_MOVED = '2017-07-14'

/** What a device can do, out of its hello (RFC 6241 §8, RFC 6020 §5.6.4). */
export function traitsOf(capabilities: readonly string[]): NetconfTraits {
  const has = (name: string) =>
    capabilities.some((one) => new RegExp(`^urn:ietf:params:netconf:capability:${name}$`).test(one))
  const candidate = has('candidate:1\\.0')
  const vlansAt = placeOfVlans(capabilities)
  const confirmedCommit = candidate && has('confirmed-commit:1\\.[01]')
  return {
    dialect: openConfig,
    candidate,
    writableRunning: has('writable-running:1\\.0'),
    confirmedCommit,
    cancelCommit: candidate && has('confirmed-commit:1\\.1'),
    rollbackOnError: has('rollback-on-error:1\\.0'),
    lldp: moduleNamed(capabilities, 'openconfig-lldp') !== undefined,
    vlansAt,
    capabilities: {
      transaction: confirmedCommit ? 'confirmed' : candidate ? 'atomic' : 'none',
      saveSeparate: has('startup:1\\.0'),
      nativelessTrunk: false,
      fdb: vlansAt === 'network-instance',
      // Nobody can tell whether they are there. Before its hello, a switch is asked.
      implicitVlans: capabilities.length > 0 && vlansAt === 'nowhere',
    },
  }
}

function placeOfVlans(capabilities: readonly string[]): NetconfTraits['vlansAt'] {
  if (moduleNamed(capabilities, 'openconfig-network-instance') !== undefined) return 'network-instance'
  const vlan = moduleNamed(capabilities, 'openconfig-vlan') ?? ''
  const revision = /revision=(\d{4}-\d{2}-\d{2})/.exec(vlan)?.[1]
  return revision !== undefined && revision < VLANS_MOVED ? 'root' : 'nowhere'
}

function moduleNamed(capabilities: readonly string[], name: string): string | undefined {
  return capabilities.find((one) => one.includes(`module=${name}&`) || one.endsWith(`module=${name}`))
}

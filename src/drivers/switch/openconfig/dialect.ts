/** How a family of devices means what the model leaves open. No code asks which family it is. */
export interface Dialect {
  /** The leaf that holds the untagged VLAN of a trunk. */
  untaggedOnTrunk: 'nativeVlan' | 'accessVlan'
  /** The untagged VLAN of a trunk passes only if `trunk-vlans` names it too. */
  untaggedIsListed: boolean
  /** Where a port without the leaf is: 0, the default VLAN of the device, whichever that is; null: its untagged frames are dropped. */
  withoutUntagged: 0 | null
  /** What a trunk without `trunk-vlans` carries. */
  withoutList: 'every VLAN' | 'none'
}

/**
 * As openconfig-vlan says it ("if not specified, all VLANs are allowed"), and as switches whose command line has
 * "trunk native vlan" and "trunk allowed vlan" do it: EOS, NX-OS, IOS XE.
 */
export const openConfig: Dialect = {
  untaggedOnTrunk: 'nativeVlan',
  untaggedIsListed: true,
  withoutUntagged: 0,
  withoutList: 'every VLAN',
}

/**
 * As SONiC does it, which keeps members per VLAN: the untagged VLAN of a trunk is its access VLAN, beside the list, and what
 * is not said is not carried.
 */
export const memberLists: Dialect = {
  untaggedOnTrunk: 'accessVlan',
  untaggedIsListed: false,
  withoutUntagged: null,
  withoutList: 'none',
}

/**
 * What makes one vendor's Redfish differ from another's, as data. The code asks for a trait and never for a vendor.
 * Seen in the issue trackers and the code of Ironic's sushy, gofish, and Ansible's Redfish modules.
 */
export interface VendorTraits {
  name: string
  /**
   * Where the boot override is written, in this order: a place that refuses is passed by. `settings` is the resource
   * behind @Redfish.Settings, if its Boot knows the override.
   */
  bootPlaces: readonly ('settings' | 'system')[]
  /** `differences`: the target, and what else is not so already. `all`: target, enabled and mode together. */
  bootSends: 'differences' | 'target-and-enabled' | 'all'
  /** `again`: written with the rest, falls back to the BIOS's own, and is then written once more. */
  bootMode: 'write' | 'never' | 'again'
  /** Refusals that pass. */
  notReady: readonly NotReady[]
  /** Ids of the log that is like IPMI's SEL, most wanted first. */
  eventLogs: readonly string[]
}

/** A refusal whose message id or text holds `message`: tried again after each of these waits, in seconds. */
export interface NotReady {
  message: string
  waits: readonly number[]
}

const standard: VendorTraits = {
  name: 'standard',
  bootPlaces: ['settings', 'system'],
  bootSends: 'differences',
  bootMode: 'write',
  notReady: [
    { message: 'ResourceInUse', waits: [2, 4, 8] },
    { message: 'ResourceInStandby', waits: [2, 4, 8] },
    { message: 'ServiceTemporarilyUnavailable', waits: [2, 4, 8] },
    { message: 'ServiceShuttingDown', waits: [5, 10, 15] },
    { message: 'CouldNotEstablishConnection', waits: [2, 4] },
  ],
  eventLogs: ['SEL', 'Sel', 'EventLog', 'Log1'],
}

interface Vendor {
  /** Matched against Vendor, Product and Oem of the service root, and against the manufacturer of the system. */
  known: RegExp
  traits: VendorTraits
}

/** The first that matches. AMI comes before those who sell its firmware under their own name. */
const vendors: readonly Vendor[] = [
  {
    known: /\bsupermicro\b/i,
    traits: { ...standard, name: 'Supermicro', bootSends: 'target-and-enabled', bootMode: 'again' },
  },
  {
    known: /\b(ami|american megatrends|asrock ?rack)\b/i,
    traits: { ...standard, name: 'AMI', bootSends: 'all' },
  },
  {
    known: /\bdell\b|dell remote access/i,
    traits: {
      ...standard,
      name: 'Dell',
      // iDRAC9 takes it at the system and at the settings other things; iDRAC10 calls the system's read-only.
      bootPlaces: ['system', 'settings'],
      notReady: [
        ...standard.notReady,
        // On right after off, iDRAC10.
        { message: 'ActionParameterValueConflict', waits: [10, 10, 10, 10, 10, 10] },
        // "Server is already powered …", while it is still on its way.
        { message: 'SYS518', waits: [10, 10, 10] },
      ],
      eventLogs: ['Sel', 'SEL', 'Lclog'],
    },
  },
  {
    known: /\b(hpe?|hewlett)\b/i,
    traits: {
      ...standard,
      name: 'HPE',
      bootMode: 'never',
      notReady: [
        ...standard.notReady,
        { message: 'InvalidOperationForSystemState', waits: [5, 10, 15] },
        { message: 'UnableToModifyDuringSystemPOST', waits: [5, 10, 15, 20, 25, 30] },
      ],
      eventLogs: ['IML', 'IEL', 'SL'],
    },
  },
]

/** `words`: whatever the service and the system call their maker. */
export function traitsOf(words: readonly string[]): VendorTraits {
  const text = words.join(' | ')
  return vendors.find((one) => one.known.test(text))?.traits ?? standard
}

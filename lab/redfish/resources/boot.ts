import type { ManagementController } from '../../bmc/controller.ts'
import type { BootDevice } from '../../world/types.ts'
import { aboutProperty, type Message } from '../messages.ts'
import type { Json } from '../resource.ts'
import { wrongType } from './setters.ts'

const TARGET: Readonly<Record<BootDevice, string>> = {
  none: 'None',
  network: 'Pxe',
  disk: 'Hdd',
  cdrom: 'Cd',
  bios: 'BiosSetup',
}
const ENABLED = ['Disabled', 'Once', 'Continuous']
const MODES = ['UEFI', 'Legacy']

/** The Boot object of a system, out of the machine's boot flags. */
export function bootObject({ machine }: ManagementController): Json {
  const { valid, persistent, efi, device } = machine.bootFlags
  return {
    BootSourceOverrideEnabled: valid ? (persistent ? 'Continuous' : 'Once') : 'Disabled',
    'BootSourceOverrideEnabled@Redfish.AllowableValues': ENABLED,
    BootSourceOverrideTarget: TARGET[device],
    'BootSourceOverrideTarget@Redfish.AllowableValues': Object.values(TARGET),
    BootSourceOverrideMode: efi ? 'UEFI' : 'Legacy',
    'BootSourceOverrideMode@Redfish.AllowableValues': MODES,
  }
}

/** Applies a Boot object of a request, all of it or nothing. */
export function setBoot({ machine, dials }: ManagementController, value: unknown): readonly Message[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return wrongType('Boot', value)
  const flags = { ...machine.bootFlags }
  const messages: Message[] = []
  for (const [name, wanted] of Object.entries(value)) {
    const path = `Boot/${name}`
    if (typeof wanted !== 'string') {
      messages.push(...wrongType(path, wanted))
      continue
    }
    const refuse = () => messages.push(aboutProperty(path, 'PropertyValueNotInList', wanted, path))
    if (name === 'BootSourceOverrideEnabled') {
      if (!ENABLED.includes(wanted)) refuse()
      flags.valid = wanted !== 'Disabled'
      flags.persistent = wanted === 'Continuous'
    } else if (name === 'BootSourceOverrideTarget') {
      const device = deviceOf(wanted)
      if (device === undefined) refuse()
      else flags.device = device
    } else if (name === 'BootSourceOverrideMode') {
      if (!MODES.includes(wanted)) refuse()
      flags.efi = wanted === 'UEFI'
    } else {
      messages.push(aboutProperty(path, 'PropertyUnknown', path))
    }
  }
  if (messages.length > 0) return messages
  // No device to boot from is no override.
  if (flags.device === 'none') flags.valid = false
  if (!dials.lyingBootFlags) machine.bootFlags = flags
  return []
}

function deviceOf(target: string): BootDevice | undefined {
  const devices = Object.keys(TARGET) as BootDevice[] // the keys of a record by BootDevice
  return devices.find((device) => TARGET[device] === target)
}

import type { BootDevice } from '../types.ts'
import type { WireBoot } from './wire.ts'

/** Of Boot.BootSource (DSP0268): what our two devices are called. */
const targets: Record<BootDevice, readonly string[]> = {
  // HTTP boot only where there is no PXE: MAAS answers both.
  network: ['Pxe', 'UefiHttp'],
  disk: ['Hdd'],
}

export interface WantedOverride {
  target: string
  enabled: 'Once' | 'Continuous'
  mode: 'UEFI' | 'Legacy'
}

/** What the override is to be; null if the BMC lists its boot sources and has none for this device. */
export function wantedOverride(
  boot: WireBoot,
  device: BootDevice,
  options: { persistent: boolean; efi: boolean },
): WantedOverride | null {
  const listed = boot['BootSourceOverrideTarget@Redfish.AllowableValues']
  const target = targets[device].find((one) => listed === null || listed.includes(one))
  if (target === undefined) return null
  const kinds = boot['BootSourceOverrideEnabled@Redfish.AllowableValues']
  const lasting = options.persistent && (kinds === null || kinds.includes('Continuous'))
  return { target, enabled: lasting ? 'Continuous' : 'Once', mode: options.efi ? 'UEFI' : 'Legacy' }
}

export interface BootReading {
  device: BootDevice | 'other' | 'none'
  persistent: boolean
  valid: boolean
}

export function decodeOverride(boot: WireBoot): BootReading {
  const { BootSourceOverrideTarget: target, BootSourceOverrideEnabled: enabled } = boot
  if (target === null || target === 'None') return { device: 'none', persistent: false, valid: false }
  return {
    device: deviceOf(target),
    persistent: enabled === 'Continuous',
    valid: enabled !== 'Disabled',
  }
}

function deviceOf(target: string): BootReading['device'] {
  if (targets.network.includes(target)) return 'network'
  return targets.disk.includes(target) ? 'disk' : 'other'
}

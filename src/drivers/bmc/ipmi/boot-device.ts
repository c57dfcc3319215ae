import { FerruleError } from '../../../domain/errors.ts'
import type { HostLease } from '../../../domain/lease.ts'
import type { BootDevice } from '../types.ts'
import {
  type BootFlags,
  clearBootFlags,
  decodeBootFlags,
  getBootFlags,
  keepBootFlags,
  setBootFlags,
} from './boot-flags.ts'
import type { Channel } from './client.ts'
import { malformed } from './errors.ts'
import { pause } from './options.ts'

export async function readBootDevice(channel: Channel): Promise<BootFlags> {
  const flags = decodeBootFlags(await channel.request(getBootFlags))
  if (flags === undefined)
    throw malformed(channel.address, getBootFlags.name, 'boot flags that are cut short')
  return flags
}

/** Some BMCs store the flags a moment after they have said "done". */
const reads = 3

/**
 * Sets the boot device and requires that the BMC reads back that device with the valid bit; else boot-device-unset.
 * A missing persistent bit is let pass, because many BMCs never keep it: whoever needs it looks at `bootDevice()`,
 * or sets the device again before each power on.
 */
export async function writeBootDevice(
  channel: Channel,
  lease: HostLease,
  device: BootDevice,
  options: { persistent: boolean; efi: boolean },
): Promise<void> {
  await keepFlagsBeyondAMinute(channel, lease)
  await channel.request(setBootFlags(device, options), lease)
  const seen = await readUntil(channel, (flags) => flags.valid && flags.device === device)
  if (seen.valid && seen.device === device) return
  throw notHeld(channel, `took the boot device "${device}"`, seen, device)
}

/** Takes the flags back, valid bit first of all: stale flags that still say "valid" would boot the next tenant. */
export async function clearBootDevice(channel: Channel, lease: HostLease): Promise<void> {
  await channel.request(clearBootFlags, lease)
  const seen = await readUntil(channel, (flags) => !flags.valid)
  if (seen.valid) throw notHeld(channel, 'was told to forget the boot device', seen, 'none')
}

async function readUntil(channel: Channel, good: (flags: BootFlags) => boolean): Promise<BootFlags> {
  let seen = await readBootDevice(channel)
  for (let read = 1; read < reads && !good(seen); read += 1) {
    await pause(channel.settings.clock, channel.settings.retransmitMs)
    seen = await readBootDevice(channel)
  }
  return seen
}

function notHeld(channel: Channel, done: string, seen: BootFlags, wanted: string): FerruleError {
  return new FerruleError(
    'boot-device-unset',
    `BMC ${channel.address} ${done} but reads back "${seen.device}", ${seen.valid ? 'valid' : 'not valid'}.`,
    'Set the boot order in the firmware to network first, then disk, or update the firmware of the BMC.',
    { address: channel.address, wanted, seen },
  )
}

async function keepFlagsBeyondAMinute(channel: Channel, lease: HostLease): Promise<void> {
  try {
    await channel.request(keepBootFlags, lease)
  } catch (error) {
    // Optional for a BMC; the read-back is what decides.
    if (error instanceof FerruleError && error.code === 'bmc-refused') return
    throw error
  }
}

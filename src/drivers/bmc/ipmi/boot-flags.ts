import type { BootDevice } from '../types.ts'
import { chassisNetFn } from './commands.ts'
import type { Command } from './message.ts'

/** Parameters of the boot options (IPMI 2.0 §28.13 table 28-14). */
const validBitClearing = 3
const bootFlags = 5

/** Boot flags, data 1 (parameter 5). */
const validBit = 0x80
const persistentBit = 0x40
const efiBit = 0x20
/** Bit 7 of the parameter selector in a reply: the parameter is marked invalid (§28.13). */
const parameterInvalid = 0x80

/** Boot device selector, data 2 bits 5:2: 1 = PXE, 2 = default hard drive. */
const selectors: Readonly<Record<BootDevice, number>> = { network: 1, disk: 2 }
/** Supermicro's "UEFI hard disk" (data 2 = 24h), which it reads back after a plain disk in EFI mode. */
const supermicroUefiDisk = 9

export interface BootFlags {
  device: BootDevice | 'other' | 'none'
  persistent: boolean
  valid: boolean
}

/**
 * Parameter 3 with bit 3: do not drop the flags when no chassis control follows within 60 seconds, which is less than
 * a saga may take from here to power on.
 */
export const keepBootFlags: Command = {
  name: 'Set System Boot Options (keep flags)',
  netFn: chassisNetFn,
  number: 0x08,
  data: Buffer.from([validBitClearing, 0x08]),
}

export function setBootFlags(device: BootDevice, options: { persistent: boolean; efi: boolean }): Command {
  const flags = validBit | (options.persistent ? persistentBit : 0) | (options.efi ? efiBit : 0)
  return {
    name: 'Set System Boot Options (boot flags)',
    netFn: chassisNetFn,
    number: 0x08,
    data: Buffer.from([bootFlags, flags, selectors[device] << 2, 0, 0, 0]),
  }
}

/** All bits zero, the valid bit first of all: with it, even the device "none" is an override to some firmware. */
export const clearBootFlags: Command = {
  name: 'Set System Boot Options (no boot flags)',
  netFn: chassisNetFn,
  number: 0x08,
  data: Buffer.from([bootFlags, 0, 0, 0, 0, 0]),
}

/** Get System Boot Options of parameter 5, set and block selector zero (§28.13). */
export const getBootFlags: Command = {
  name: 'Get System Boot Options (boot flags)',
  netFn: chassisNetFn,
  number: 0x09,
  data: Buffer.from([bootFlags, 0, 0]),
}

/** Reply: parameter version, selector, then the five bytes of data; undefined if it is cut short. */
export function decodeBootFlags(data: Buffer): BootFlags | undefined {
  const [, selector, flags, device] = data
  if (selector === undefined || flags === undefined || device === undefined) return undefined
  return {
    device: decodeDevice((device >> 2) & 0x0f),
    persistent: (flags & persistentBit) !== 0,
    valid: (flags & validBit) !== 0 && (selector & parameterInvalid) === 0,
  }
}

function decodeDevice(selector: number): BootFlags['device'] {
  if (selector === 0) return 'none'
  if (selector === selectors.network) return 'network'
  if (selector === selectors.disk || selector === supermicroUefiDisk) return 'disk'
  return 'other'
}

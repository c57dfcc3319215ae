import type { BootDevice, Machine } from '../world/types.ts'
import { type Answer, done, refused } from './answer.ts'
import { byteAt } from './bytes.ts'
import type { BmcDials } from './dials.ts'
import { COMPLETION } from './message.ts'

/** Boot option parameters (IPMI 2.0 table 28-14). */
const PARAMETER = {
  setInProgress: 0,
  servicePartition: 1,
  servicePartitionScan: 2,
  validBitClearing: 3,
  bootInfoAcknowledge: 4,
  bootFlags: 5,
  initiatorInfo: 6,
  initiatorMailbox: 7,
} as const

/** Parameters that are only kept for whoever reads them, with their bytes. */
const KEPT = new Map<number, number>([
  [PARAMETER.servicePartition, 1],
  [PARAMETER.servicePartitionScan, 1],
  [PARAMETER.initiatorInfo, 9],
])

/** Bytes of one block of the mailbox, of which there are five. */
const BLOCK_BYTES = 16
const BLOCKS = 5
/** The selector's bit by which a parameter is marked as invalid or locked. */
const INVALID = 0x80

/** Bits 5:2 of byte 2 of the boot flags. Those not named here are refused. */
const DEVICE_BY_SELECTOR = new Map<number, BootDevice>([
  [0x00, 'none'],
  [0x04, 'network'],
  [0x08, 'disk'],
  [0x0c, 'disk'], // safe mode
  [0x14, 'cdrom'],
  [0x18, 'bios'],
  [0x20, 'cdrom'], // remotely connected
])
const SELECTOR: Readonly<Record<BootDevice, number>> = {
  none: 0x00,
  network: 0x04,
  disk: 0x08,
  cdrom: 0x14,
  bios: 0x18,
}
const SELECTOR_BITS = 0x3c

const VALID = 0x80
const PERSISTENT = 0x40
const EFI = 0x20

/** Parameter 3: what does not clear the valid bit. */
const KEEP = { onPowerButton: 0x01, onResetButton: 0x02, onTimeout: 0x08 } as const

/** IPMI 2.0 table 28-14, parameter 3: seconds that a boot may take to come. */
export const BOOT_FLAG_TIMEOUT_MS = 60_000

/** Set and Get System Boot Options, and the timer behind parameter 3. The flags themselves live in the machine. */
export class BootOptions {
  private readonly machine: Machine
  private readonly dials: BmcDials
  private readonly timeoutMs: number
  private timer: NodeJS.Timeout | undefined
  private setInProgress = 0
  private validBitClearing = 0
  private acknowledged = 0
  private readonly kept = new Map<number, Buffer>()
  private readonly mailbox = Array.from({ length: BLOCKS }, () => Buffer.alloc(BLOCK_BYTES))
  private readonly invalid = new Set<number>()
  /** Bytes 2 to 5 as written last, for the bits that the machine does not know (console verbosity and the like). */
  private rest = Buffer.alloc(4)

  constructor(machine: Machine, dials: BmcDials, timeoutMs: number) {
    this.machine = machine
    this.dials = dials
    this.timeoutMs = timeoutMs
  }

  set(data: Buffer): Answer {
    const parameter = byteAt(data, 0) & 0x7f
    const value = data.subarray(1)
    if (!isKnown(parameter)) return refused(COMPLETION.parameterNotSupported)
    // A selector alone only marks the parameter.
    if ((byteAt(data, 0) & INVALID) !== 0) this.invalid.add(parameter)
    else this.invalid.delete(parameter)
    return value.length === 0 ? done() : this.write(parameter, value)
  }

  private write(parameter: number, value: Buffer): Answer {
    if (parameter === PARAMETER.setInProgress) {
      this.setInProgress = byteAt(value, 0) & 3
      // 2 is "commit write": nothing is held back here, so it ends the setting at once.
      if (this.setInProgress === 2) this.setInProgress = 0
      return done()
    }
    if (parameter === PARAMETER.validBitClearing) {
      this.validBitClearing = byteAt(value, 0) & 0x1f
      if ((this.validBitClearing & KEEP.onTimeout) !== 0) this.stopTimer()
      return done()
    }
    if (parameter === PARAMETER.bootInfoAcknowledge) {
      if (value.length < 2) return refused(COMPLETION.lengthInvalid)
      const mask = byteAt(value, 0)
      this.acknowledged = (this.acknowledged & ~mask) | (byteAt(value, 1) & mask)
      return done()
    }
    if (parameter === PARAMETER.bootFlags) return this.setFlags(value)
    if (parameter === PARAMETER.initiatorMailbox) return this.setMailbox(value)
    if (value.length < (KEPT.get(parameter) ?? 0)) return refused(COMPLETION.lengthInvalid)
    this.kept.set(parameter, Buffer.from(value.subarray(0, KEPT.get(parameter))))
    return done()
  }

  get(data: Buffer): Answer {
    const parameter = byteAt(data, 0) & 0x7f
    const value = this.value(parameter, byteAt(data, 1))
    if (value === null) return refused(COMPLETION.parameterNotSupported)
    const mark = this.invalid.has(parameter) ? INVALID : 0
    // Parameter version 1.
    return done(Buffer.from([0x01, mark | parameter, ...value]))
  }

  /** The machine is about to boot: the flags have served, or will in a moment. */
  bootOrdered(): void {
    this.stopTimer()
  }

  /** Somebody at the front panel: the flags were not meant for this boot, unless parameter 3 says to keep them. */
  buttonPressed(button: 'power' | 'reset'): void {
    const keep = button === 'power' ? KEEP.onPowerButton : KEEP.onResetButton
    if ((this.validBitClearing & keep) === 0) this.invalidate()
    this.stopTimer()
  }

  stopTimer(): void {
    clearTimeout(this.timer)
    this.timer = undefined
  }

  private value(parameter: number, selector: number): number[] | null {
    if (parameter === PARAMETER.setInProgress) return [this.setInProgress]
    if (parameter === PARAMETER.validBitClearing) return [this.validBitClearing]
    if (parameter === PARAMETER.bootInfoAcknowledge) return [0, this.acknowledged]
    if (parameter === PARAMETER.bootFlags) return this.flagBytes()
    if (parameter === PARAMETER.initiatorMailbox) {
      const block = this.mailbox[selector]
      return block === undefined ? null : [selector, ...block]
    }
    const length = KEPT.get(parameter)
    return length === undefined ? null : [...(this.kept.get(parameter) ?? Buffer.alloc(length))]
  }

  /** The number of a block, and what it is to hold. */
  private setMailbox(value: Buffer): Answer {
    const block = this.mailbox[byteAt(value, 0)]
    if (block === undefined || value.length > 1 + BLOCK_BYTES) return refused(COMPLETION.invalidField)
    value.subarray(1).copy(block)
    return done()
  }

  private setFlags(value: Buffer): Answer {
    if (value.length < 5) return refused(COMPLETION.lengthInvalid)
    const device = DEVICE_BY_SELECTOR.get(byteAt(value, 1) & SELECTOR_BITS)
    if (device === undefined) return refused(COMPLETION.invalidField)
    if (this.dials.lyingBootFlags) return done()
    const bits = byteAt(value, 0)
    this.rest = Buffer.from(value.subarray(1, 5))
    this.machine.bootFlags = {
      valid: (bits & VALID) !== 0,
      persistent: (bits & PERSISTENT) !== 0,
      efi: (bits & EFI) !== 0,
      device,
    }
    this.startTimer()
    return done()
  }

  private flagBytes(): number[] {
    const { valid, persistent, efi, device } = this.machine.bootFlags
    const bits = (valid ? VALID : 0) | (persistent ? PERSISTENT : 0) | (efi ? EFI : 0)
    const written = byteAt(this.rest, 0)
    // Two selectors may mean one device: read back the one that was written.
    const same = DEVICE_BY_SELECTOR.get(written & SELECTOR_BITS) === device
    const selector = same ? written & SELECTOR_BITS : SELECTOR[device]
    return [bits, (written & ~SELECTOR_BITS) | selector, ...this.rest.subarray(1)]
  }

  /** A once flag that no boot uses within the timeout loses its valid bit, unless parameter 3 says to keep it. */
  private startTimer(): void {
    this.stopTimer()
    const { valid, persistent } = this.machine.bootFlags
    if (!valid || persistent || (this.validBitClearing & KEEP.onTimeout) !== 0) return
    this.timer = setTimeout(() => this.invalidate(), this.timeoutMs)
    this.timer.unref()
  }

  private invalidate(): void {
    const flags = this.machine.bootFlags
    if (flags.valid) this.machine.bootFlags = { ...flags, valid: false }
  }
}

function isKnown(parameter: number): boolean {
  return Object.values<number>(PARAMETER).includes(parameter)
}

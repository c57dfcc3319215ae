import { FerruleError } from '../../../domain/errors.ts'
import type { Channel } from './client.ts'
import { chassisNetFn } from './commands.ts'
import type { Command } from './message.ts'

/** Chassis Identify (IPMI 2.0 §28.5): seconds, and optionally "force on" in bit 0 of a second byte. */
function chassisIdentify(bytes: readonly number[]): Command {
  return { name: 'Chassis Identify', netFn: chassisNetFn, number: 0x04, data: Buffer.from(bytes) }
}

/** The second byte is optional for a BMC: it calls it a wrong length or an invalid field. */
const noForce: ReadonlySet<number> = new Set([0xc7, 0xc8, 0xcc])

export async function identify(channel: Channel, seconds: number | 'forever'): Promise<void> {
  if (seconds !== 'forever') {
    if (!Number.isInteger(seconds) || seconds < 0 || seconds > 255) throw badSeconds(channel.address, seconds)
    await channel.request(chassisIdentify([seconds]))
    return
  }
  await channel.request(chassisIdentify([0, 1])).catch((error: unknown) => {
    const code = error instanceof FerruleError ? error.details.completionCode : undefined
    if (typeof code === 'number' && noForce.has(code)) throw notForever(channel.address)
    throw error
  })
}

function badSeconds(address: string, seconds: number): FerruleError {
  return new FerruleError(
    'invalid-input',
    `The identify light of BMC ${address} cannot be on for ${seconds} seconds.`,
    'Give whole seconds from 0 (off) to 255, or "forever".',
    { field: 'seconds', address },
  )
}

function notForever(address: string): FerruleError {
  return new FerruleError(
    'bmc-unsupported',
    `BMC ${address} does not keep its identify light on for ever.`,
    'Ask for up to 255 seconds, and again when they are over.',
    { address },
  )
}

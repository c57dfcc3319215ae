import { byteAt } from './bytes.ts'

/** SOL payload (IPMI 2.0 §15.9). Sequence numbers are 1 to 15; 0: this packet carries, or acknowledges, nothing. */
export interface SolPacket {
  sequence: number
  acknowledged: number
  /** Characters of the acknowledged packet that were taken. */
  accepted: number
  /** Operation of a console, status of a BMC. */
  flags: number
  characters: Buffer
}

/** What a console asks for (table 15-2). */
export const SOL_OPERATION = { nack: 0x40, break: 0x10, flushOutbound: 0x01 } as const

/** What a BMC tells (table 15-2). */
export const SOL_STATUS = { nack: 0x40, unavailable: 0x20, deactivated: 0x10, overrun: 0x08 } as const

export function decodeSol(payload: Buffer): SolPacket | null {
  if (payload.length < 4) return null
  return {
    sequence: byteAt(payload, 0) & 0x0f,
    acknowledged: byteAt(payload, 1) & 0x0f,
    accepted: byteAt(payload, 2),
    flags: byteAt(payload, 3),
    characters: payload.subarray(4),
  }
}

export function encodeSol({ sequence, acknowledged, accepted, flags, characters }: SolPacket): Buffer {
  return Buffer.concat([Buffer.from([sequence, acknowledged, accepted, flags]), characters])
}

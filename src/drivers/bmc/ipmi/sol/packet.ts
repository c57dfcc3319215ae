/** A packet of the SOL payload (IPMI 2.0 §15.9 table 15-2). */
export interface SolPacket {
  /** 1 to 15; 0: it carries no characters and wants no answer. */
  sequence: number
  /** The packet that it answers; 0: none. */
  acknowledges: number
  /** Characters of that packet that were taken. */
  accepted: number
  /** Operation bits to the BMC, status bits from it. */
  flags: number
  characters: Buffer
}

/** Operation bits of packets to the BMC. */
export const operation = { break: 0x10 } as const

/** Status bits of packets from the BMC. */
export const status = {
  /** The packet that this one answers was not taken, or not as a whole. */
  nack: 0x40,
  /** The machine takes no characters now, e.g. because it is off. */
  unavailable: 0x20,
  deactivating: 0x10,
} as const

export const headerBytes = 4

export function encodeSol({ sequence, acknowledges, accepted, flags, characters }: SolPacket): Buffer {
  return Buffer.concat([Buffer.from([sequence, acknowledges, accepted, flags]), characters])
}

/** Undefined if it is shorter than its header. */
export function decodeSol(payload: Buffer): SolPacket | undefined {
  const [sequence, acknowledges, accepted, flags] = payload
  if (sequence === undefined || acknowledges === undefined) return undefined
  if (accepted === undefined || flags === undefined) return undefined
  return {
    sequence: sequence & 0x0f,
    acknowledges: acknowledges & 0x0f,
    accepted,
    flags,
    // A packet without number carries no characters, whatever follows.
    characters: Buffer.from((sequence & 0x0f) === 0 ? [] : payload.subarray(headerBytes)),
  }
}

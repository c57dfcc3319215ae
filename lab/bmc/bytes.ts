/** One byte; 0 beyond the end. Decoders check the length first, so the 0 is never meant. */
export function byteAt(bytes: Buffer, index: number): number {
  return bytes[index] ?? 0
}

export function le16(value: number): Buffer {
  return Buffer.from([value & 0xff, (value >>> 8) & 0xff])
}

export function le32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value >>> 0)
  return bytes
}

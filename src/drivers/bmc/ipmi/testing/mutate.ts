/** A small seeded generator (mulberry32), so that a failing packet comes back. */
export function seeded(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
}

/** Damages a packet: bits, bytes, length fields, its end, or all of it. */
export function mutate(packet: Buffer, random: (below: number) => number): Buffer {
  const changed = Buffer.from(packet)
  switch (random(6)) {
    case 0:
      return changed.subarray(0, random(changed.length + 1))
    case 1:
      return Buffer.concat([changed, Buffer.from(Array.from({ length: random(40) }, () => random(256)))])
    case 2:
      return Buffer.from(Array.from({ length: random(120) }, () => random(256)))
    case 3:
      // The length field: beyond the end, or short of it.
      if (changed.length >= 16) changed.writeUInt16LE(random(0x10000), 14)
      return changed
    default:
      for (let count = 1 + random(8); count > 0; count -= 1) changed[random(changed.length)] = random(256)
      return changed
  }
}

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

/** Damages what stands inside of a reply: bits, extreme values, its length, a part that is cut out or doubled. */
export function mutateData(data: Buffer, random: (below: number) => number): Buffer {
  const changed = Buffer.from(data)
  const at = random(changed.length + 1)
  switch (random(7)) {
    case 0:
      return changed.subarray(0, at)
    case 1:
      return Buffer.concat([changed, randomData(random, random(40))])
    case 2:
      return randomData(random, random(300))
    case 3:
      return Buffer.concat([changed.subarray(0, at), changed.subarray(at + 1 + random(4))])
    case 4:
      return Buffer.concat([changed.subarray(0, at), changed.subarray(Math.max(0, at - 1 - random(8)))])
    case 5:
      if (at < changed.length) changed[at] = extremes[random(extremes.length)] ?? 0
      return changed
    default:
      for (let count = 1 + random(4); count > 0 && changed.length > 0; count -= 1) {
        const index = random(changed.length)
        changed[index] = (changed[index] ?? 0) ^ (1 << random(8))
      }
      return changed
  }
}

const extremes = [0x00, 0x01, 0x1f, 0x3f, 0x40, 0x7f, 0x80, 0xc0, 0xc1, 0xfe, 0xff]

export function randomData(random: (below: number) => number, length: number): Buffer {
  return Buffer.from(Array.from({ length }, () => random(256)))
}

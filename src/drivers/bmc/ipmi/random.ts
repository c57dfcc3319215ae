import { randomFillSync } from 'node:crypto'

/** Random bytes cost the same for sixteen as for some thousand, so they are drawn in stock. */
const stockBytes = 4096

/** As node:crypto's randomBytes, for the few bytes of an id, a nonce or an initialisation vector. */
export function createRandom(): (bytes: number) => Buffer {
  const stock = Buffer.alloc(stockBytes)
  let used = stockBytes
  return (bytes) => {
    if (used + bytes > stockBytes) {
      randomFillSync(stock)
      used = 0
    }
    const drawn = Buffer.allocUnsafe(bytes)
    for (let index = 0; index < bytes; index += 1, used += 1) {
      drawn[index] = stock[used] ?? 0
      // What has been given away is not kept.
      stock[used] = 0
    }
    return drawn
  }
}

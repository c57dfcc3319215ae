/**
 * A number that belongs to a text, evenly spread over 0 to 2³²-1: FNV-1a, then the last mixing of MurmurHash3, without
 * which texts that differ in their last letter only would stay neighbours. For spreading, never for secrets.
 */
export function spread(text: string): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < text.length; index += 1)
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}

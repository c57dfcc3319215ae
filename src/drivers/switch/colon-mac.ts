const written = /^(?:[0-9a-f]{12}|(?:[0-9a-f]{4}[.-]){2}[0-9a-f]{4}|(?:[0-9a-f]{2}[:-]){5}[0-9a-f]{2})$/i

/** 0011.2233.AABB, 0011-2233-aabb, 00-11-22-33-AA-BB or 00:11:22:33:aa:bb, in the last form; null: no MAC address. */
export function colonMac(text: string): string | null {
  if (!written.test(text)) return null
  return text
    .toLowerCase()
    .replaceAll(/[.:-]/g, '')
    .replaceAll(/..(?!$)/g, '$&:')
}

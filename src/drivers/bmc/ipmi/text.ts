/** How the bytes of an IPMI string are to be read. */
export type Encoding = 'binary' | 'utf-16' | 'bcd-plus' | 'six-bit' | 'latin-1'

/** D, E and F are for sensor names (IPMI 2.0 §43.15); FRU data leaves them reserved. */
const bcdDigits = '0123456789 -.:,_'

/**
 * A string of FRU data or of a sensor record, without padding of zeroes; control characters become spaces, because it
 * ends on terminals and in logs. Bytes without encoding become hexadecimal digits. Never throws.
 */
export function decodeText(encoding: Encoding, bytes: Buffer): string {
  return printable(decode(encoding, bytes))
}

function decode(encoding: Encoding, bytes: Buffer): string {
  switch (encoding) {
    case 'binary':
      return bytes.every((byte) => byte === 0) ? '' : bytes.toString('hex')
    case 'utf-16':
      return bytes.subarray(0, bytes.length - (bytes.length % 2)).toString('utf16le')
    case 'bcd-plus':
      return [...bytes].map((byte) => `${bcdDigits[byte >> 4]}${bcdDigits[byte & 0x0f]}`).join('')
    case 'six-bit':
      return sixBit(bytes)
    case 'latin-1':
      return bytes.toString('latin1')
  }
}

/** Four characters in three bytes, lowest bits first; 0 is a space (FRU Information Storage Definition §13.2). */
function sixBit(bytes: Buffer): string {
  let text = ''
  let bits = 0
  let waiting = 0
  for (const byte of bytes) {
    bits |= byte << waiting
    waiting += 8
    for (; waiting >= 6; waiting -= 6, bits >>= 6) text += String.fromCharCode(0x20 + (bits & 0x3f))
  }
  return text
}

function printable(text: string): string {
  return text.replace(/\0+$/, '').replace(/[\p{Cc}\p{Cs}]/gu, ' ')
}

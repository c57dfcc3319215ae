/** How a raw reading becomes a value: y = L((M·x + B·10^K1)·10^K2) (IPMI 2.0 §36.3). */
export interface Factors {
  m: number
  b: number
  /** K1 */
  bExponent: number
  /** K2 */
  rExponent: number
}

/** Analog data format (IPMI 2.0 §43.1 table 43-1, sensor units 1, bits 7:6). */
export type RawFormat = 'unsigned' | "1's complement" | "2's complement"

export function rawFormat(units1: number): RawFormat | undefined {
  switch (units1 >> 6) {
    case 0:
      return 'unsigned'
    case 1:
      return "1's complement"
    case 2:
      return "2's complement"
    default:
      return undefined
  }
}

/** The six bytes "M, M and tolerance, B, B and accuracy, accuracy and direction, exponents" (table 43-1, bytes 25 to 30). */
export function decodeFactors(bytes: Buffer): Factors | undefined {
  const [mLow, mHigh, bLow, bHigh, , exponents] = bytes
  if (mLow === undefined || mHigh === undefined || bLow === undefined) return undefined
  if (bHigh === undefined || exponents === undefined) return undefined
  return {
    m: signed(((mHigh & 0xc0) << 2) | mLow, 10),
    b: signed(((bHigh & 0xc0) << 2) | bLow, 10),
    bExponent: signed(exponents & 0x0f, 4),
    rExponent: signed(exponents >> 4, 4),
  }
}

/** L of the formula (table 43-1, byte 24); undefined for codes that the specification does not have. */
const linearisations: readonly ((x: number) => number)[] = [
  (x) => x,
  Math.log,
  Math.log10,
  Math.log2,
  Math.exp,
  (x) => 10 ** x,
  (x) => 2 ** x,
  (x) => 1 / x,
  (x) => x * x,
  (x) => x ** 3,
  Math.sqrt,
  Math.cbrt,
]

/** From 70h to 7Fh the factors depend on the reading, and the BMC has to be asked for them (§35.5). */
export function hasFactorsPerReading(linearisation: number): boolean {
  return linearisation >= 0x70 && linearisation <= 0x7f
}

/** Undefined where the formula gives no number, or the record names none. */
export function convert(
  raw: number,
  format: RawFormat,
  factors: Factors,
  linearisation: number,
): number | undefined {
  const curve = linearisations[hasFactorsPerReading(linearisation) ? 0 : linearisation]
  if (curve === undefined) return undefined
  const x = rawValue(raw, format)
  const value = curve((factors.m * x + factors.b * 10 ** factors.bExponent) * 10 ** factors.rExponent)
  // Ten digits are more than eight bits can carry; the rest is noise of binary fractions.
  return Number.isFinite(value) ? Number(value.toPrecision(10)) : undefined
}

function rawValue(raw: number, format: RawFormat): number {
  switch (format) {
    case 'unsigned':
      return raw
    case "2's complement":
      return signed(raw, 8)
    case "1's complement":
      // FFh is minus zero.
      return raw < 0x80 ? raw : -(~raw & 0xff) + 0
  }
}

function signed(value: number, bits: number): number {
  return value >= 1 << (bits - 1) ? value - (1 << bits) : value
}

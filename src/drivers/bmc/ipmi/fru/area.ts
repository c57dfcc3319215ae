import { decodeText, type Encoding } from '../text.ts'

/** Source of all of it: Platform Management FRU Information Storage Definition 1.0. */

/** Bytes of the common header (§8). */
export const headerBytes = 8

export interface FruHeader {
  /** Offsets in bytes; 0: there is no such area. */
  board: number
  product: number
}

/** One board or product area; a field that it does not have is empty. */
export interface FruArea {
  manufacturer: string
  name: string
  serial: string
  partNumber: string
}

/** A string says why the bytes were not believed. */
export function decodeHeader(bytes: Buffer): FruHeader | string {
  if (bytes.length < headerBytes) return 'the header is cut short'
  const header = bytes.subarray(0, headerBytes)
  if (((header[0] ?? 0) & 0x0f) !== 1) return 'the header has another format version than 1'
  if (sum(header) !== 0) return 'the checksum of the header is wrong'
  return { board: (header[3] ?? 0) * 8, product: (header[4] ?? 0) * 8 }
}

/** Length of an area from its second byte; 0 if that one is missing. */
export function areaBytes(start: Buffer): number {
  return (start[1] ?? 0) * 8
}

/** Fields of each area in their order, after the fixed bytes (§11 board, §12 product). */
const layouts = {
  // version, length, language, three bytes of manufacturing date
  board: { first: 6, fields: ['manufacturer', 'name', 'serial', 'partNumber'] },
  // version, length, language
  product: { first: 3, fields: ['manufacturer', 'name', 'partNumber', 'version', 'serial'] },
} as const

export function decodeArea(kind: keyof typeof layouts, bytes: Buffer): FruArea | string {
  const length = areaBytes(bytes)
  if (length === 0 || bytes.length < length) return `the ${kind} area is cut short`
  const area = bytes.subarray(0, length)
  if (((area[0] ?? 0) & 0x0f) !== 1) return `the ${kind} area has another format version than 1`
  if (sum(area) !== 0) return `the checksum of the ${kind} area is wrong`

  const { first, fields } = layouts[kind]
  const found = new Map<string, string>()
  let at: number = first
  for (const field of fields) {
    const typeLength = area[at]
    if (typeLength === undefined) return `the ${kind} area ends in the middle of its fields`
    if (typeLength === endOfFields) break
    const end = at + 1 + (typeLength & 0x3f)
    // The last byte is the checksum.
    if (end > length - 1) return `a field of the ${kind} area is longer than the area`
    // Numbers are always in English; the rest is in the area's language (§11, §12).
    const english = field === 'serial' || field === 'partNumber' || isEnglish(area[2] ?? 0)
    found.set(field, decodeText(encodingOf(typeLength, english), area.subarray(at + 1, end)).trim())
    at = end
  }
  const text = (field: keyof FruArea) => found.get(field) ?? ''
  return {
    manufacturer: text('manufacturer'),
    name: text('name'),
    serial: text('serial'),
    partNumber: text('partNumber'),
  }
}

/** Type 3 with length 1 (§13). */
const endOfFields = 0xc1

/** Language 25 is English, and 0 means it too (§15). */
function isEnglish(language: number): boolean {
  return language === 0 || language === 25
}

/** Type code in bits 7:6 (§13): another language than English is written in UTF-16. */
function encodingOf(typeLength: number, english: boolean): Encoding {
  const length = typeLength & 0x3f
  switch (typeLength >> 6) {
    case 0:
      return 'binary'
    case 1:
      return 'bcd-plus'
    case 2:
      return 'six-bit'
    default:
      // An odd number of bytes is no UTF-16: some makers give a language and write ASCII all the same.
      return english || length % 2 === 1 ? 'latin-1' : 'utf-16'
  }
}

/** Zero checksum: with its checksum the sum of an area is 0 modulo 256. */
function sum(bytes: Buffer): number {
  let total = 0
  for (const byte of bytes) total += byte
  return total & 0xff
}

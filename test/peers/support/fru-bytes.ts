/** FRU data by its fields, written from the FRU Information Storage Definition and from no decoder of ours. */
export interface FruContents {
  board: { manufacturer: string; name: string; serial: string; partNumber: string }
  product: { manufacturer: string; name: string; partNumber: string; version: string; serial: string }
}

export function fruBytes({ board, product }: FruContents): number[] {
  const boardArea = area([0x01, 0, 0x19, 0x00, 0x80, 0xd0], Object.values(board))
  const productArea = area([0x01, 0, 0x19], Object.values(product))
  const header = [0x01, 0, 0, 1, 1 + boardArea.length / 8, 0, 0]
  return [...header, checksum(header), ...boardArea, ...productArea]
}

function area(start: number[], fields: string[]): number[] {
  const bytes = [...start, ...fields.flatMap(field), 0xc1]
  while (bytes.length % 8 !== 7) bytes.push(0)
  bytes[1] = (bytes.length + 1) / 8
  return [...bytes, checksum(bytes)]
}

function field(value: string): number[] {
  return [0xc0 | value.length, ...Buffer.from(value, 'latin1')]
}

function checksum(bytes: number[]): number {
  return -bytes.reduce((sum, byte) => sum + byte, 0) & 0xff
}

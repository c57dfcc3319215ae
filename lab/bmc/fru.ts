import type { Machine } from '../world/types.ts'

/** Bytes of the whole inventory area, as of an EEPROM. */
export const FRU_BYTES = 512

const RACK_MOUNT = 0x17
const ENGLISH = 25
const END_OF_FIELDS = 0xc1
/** 2024-05-14, in minutes since 1996: the day on which all of the lab's boards were made. */
const MADE = Math.round((Date.UTC(2024, 4, 14) - Date.UTC(1996, 0, 1)) / 60_000)

/** FRU inventory data of the machine: chassis, board and product (Platform Management FRU Information, 1.0). */
export function fruData(machine: Machine): Buffer {
  const { manufacturer, model, serial, uuid } = machine
  const chassis = area([RACK_MOUNT], ['CH-1U', `${serial}C`])
  const made = [MADE & 0xff, (MADE >> 8) & 0xff, (MADE >> 16) & 0xff]
  const board = area([ENGLISH, ...made], [manufacturer, `${model} board`, `${serial}B`, 'BD-100', ''])
  const product = area([ENGLISH], [manufacturer, model, 'PN-100', '1.0', serial, '', '', uuid.slice(0, 8)])
  const offsets = [8, 8 + chassis.length, 8 + chassis.length + board.length].map((bytes) => bytes / 8)
  const header = withChecksum([0x01, 0x00, ...offsets, 0x00, 0x00])
  const whole = Buffer.alloc(FRU_BYTES)
  Buffer.concat([header, chassis, board, product]).copy(whole)
  return whole
}

/** Version, length in eights, what comes before the texts, the texts, and padding. */
function area(head: readonly number[], texts: readonly string[]): Buffer {
  const fields = texts.flatMap((text) => {
    const bytes = [...Buffer.from(text, 'latin1')]
    return [0xc0 | bytes.length, ...bytes]
  })
  const content = [0x01, 0x00, ...head, ...fields, END_OF_FIELDS]
  const length = Math.ceil((content.length + 1) / 8) * 8
  content[1] = length / 8
  return withChecksum([...content, ...Array<number>(length - content.length - 1).fill(0)])
}

/** All bytes together are zero. */
function withChecksum(bytes: readonly number[]): Buffer {
  const sum = bytes.reduce((all, byte) => all + byte, 0)
  return Buffer.from([...bytes, -sum & 0xff])
}

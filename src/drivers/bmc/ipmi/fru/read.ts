import type { Inquiry } from '../client.ts'
import { completion } from '../completion-codes.ts'
import { malformed, refused } from '../errors.ts'
import { askIfThere } from '../inquiry.ts'
import type { Command } from '../message.ts'
import { pause } from '../options.ts'
import { areaBytes, decodeArea, decodeHeader, type FruArea, headerBytes } from './area.ts'

/** Storage network function (IPMI 2.0 §5.1 table 5-1). */
const storageNetFn = 0x0a

export interface Fru {
  board: FruArea | undefined
  product: FruArea | undefined
  /** What was not believed, and why. */
  notes: string[]
}

/** Reads the board and product areas of a FRU device; undefined if the BMC has no such device. */
export async function readFru(inquiry: Inquiry, device: number): Promise<Fru | undefined> {
  const info = await askIfThere(inquiry, getAreaInfo(device))
  if (info === undefined) return undefined
  if (info.length < 3) throw malformed(inquiry.address, getAreaInfo(device).name, 'a size that is cut short')
  const reader = new FruReader(inquiry, device, info.readUInt16LE(0), ((info[2] ?? 0) & 0x01) === 1)

  const fru: Fru = { board: undefined, product: undefined, notes: [] }
  const head = await reader.read(0, headerBytes)
  const header = head === undefined ? 'it is smaller than a header' : decodeHeader(head)
  if (typeof header === 'string') {
    fru.notes.push(`FRU ${device}: ${header}`)
    return fru
  }
  for (const kind of ['board', 'product'] as const) {
    if (header[kind] === 0) continue
    const area = await readArea(reader, kind, header[kind])
    if (typeof area === 'string') fru.notes.push(`FRU ${device}: ${area}`)
    else fru[kind] = area
  }
  return fru
}

async function readArea(
  reader: FruReader,
  kind: 'board' | 'product',
  offset: number,
): Promise<FruArea | string> {
  const start = await reader.read(offset, headerBytes)
  const bytes = start && (await reader.read(offset, areaBytes(start)))
  return bytes === undefined ? `the ${kind} area lies beyond the end` : decodeArea(kind, bytes)
}

/** Reads at once, in bytes; a BMC, or the bus behind it, may refuse the larger ones. */
const chunks = [64, 32, 16, 8] as const
/** Tries of one read that the device answers with "busy". */
const busyTries = 5
/** "FRU device busy" of Read FRU Data (IPMI 2.0 §34.2). */
const deviceBusy = 0x81
/** Codes by which a BMC says that the answer, or the request, is too long for it. */
const tooLong: ReadonlySet<number> = new Set([0xc4, 0xc7, 0xc8, 0xc9, 0xca, 0xcc, 0xff])

class FruReader {
  readonly #inquiry: Inquiry
  readonly #device: number
  readonly #size: number
  /** 2: offsets and counts are in words. */
  readonly #unit: 1 | 2
  #chunk = 0

  constructor(inquiry: Inquiry, device: number, size: number, byWords: boolean) {
    this.#inquiry = inquiry
    this.#device = device
    this.#size = size
    this.#unit = byWords ? 2 : 1
  }

  /** Undefined if the FRU device does not reach that far. Each step reads a byte at least, so `length` bounds them. */
  async read(offset: number, length: number): Promise<Buffer | undefined> {
    if (offset + length > this.#size) return undefined
    const bytes = Buffer.alloc(length)
    for (let done = 0; done < length; ) {
      const chunk = await this.#readChunk(offset + done, length - done)
      chunk.copy(bytes, done)
      done += chunk.length
    }
    return bytes
  }

  async #readChunk(offset: number, wanted: number): Promise<Buffer> {
    let busy = 0
    for (;;) {
      const count = Math.min(chunks[this.#chunk] ?? 8, wanted)
      const command = readData(this.#device, offset / this.#unit, Math.ceil(count / this.#unit))
      const { completionCode, data } = await this.#inquiry.reply(command)
      if (completionCode === completion.ok) return this.#content(command, data, count)
      if (completionCode === deviceBusy && ++busy < busyTries) {
        await pause(this.#inquiry.settings.clock, this.#inquiry.settings.retransmitMs)
      } else if (tooLong.has(completionCode) && this.#chunk < chunks.length - 1) {
        this.#chunk += 1
      } else throw refused(this.#inquiry.address, command.name, completionCode)
    }
  }

  /** What follows the count; the count is believed only as far as bytes are there. */
  #content(command: Command, data: Buffer, count: number): Buffer {
    const content = data.subarray(1, 1 + Math.min((data[0] ?? 0) * this.#unit, count))
    const whole = content.subarray(0, content.length - (content.length % this.#unit))
    if (whole.length === 0) throw malformed(this.#inquiry.address, command.name, 'no data')
    return whole
  }
}

/** Get FRU Inventory Area Info (IPMI 2.0 §34.1). */
function getAreaInfo(device: number): Command {
  return {
    name: 'Get FRU Inventory Area Info',
    netFn: storageNetFn,
    number: 0x10,
    data: Buffer.from([device]),
  }
}

/** Read FRU Data (IPMI 2.0 §34.2). */
function readData(device: number, offset: number, count: number): Command {
  const data = Buffer.from([device, 0, 0, count])
  data.writeUInt16LE(offset, 1)
  return { name: 'Read FRU Data', netFn: storageNetFn, number: 0x11, data }
}

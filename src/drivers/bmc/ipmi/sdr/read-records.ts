import { FerruleError } from '../../../../domain/errors.ts'
import type { Inquiry } from '../client.ts'
import { completion } from '../completion-codes.ts'
import { malformed, refused } from '../errors.ts'
import { askIfThere } from '../inquiry.ts'
import type { Command } from '../message.ts'
import { pause } from '../options.ts'
import type { SdrSource } from './source.ts'

export interface SdrRecord {
  id: number
  /** With its header of five bytes, and as long as that says. */
  bytes: Buffer
}

/** More than any chassis has; a BMC that goes on beyond is not believed. */
const mostRecords = 4096
/** Reservations that may be cancelled under way: each is a change of the repository. */
const mostCancelled = 10
const lastRecord = 0xffff
/** Record id, version, type, length (IPMI 2.0 §43.1). */
const headerBytes = 5

/** All records, in the order of the list. Throws bmc-refused for a list that loops or does not end, and as always. */
export async function readRecords(inquiry: Inquiry, source: SdrSource): Promise<SdrRecord[]> {
  const reader = new RecordReader(inquiry, source)
  const records: SdrRecord[] = []
  const seen = new Set<number>()
  for (let id = 0; id !== lastRecord; ) {
    if (seen.has(id)) throw malformed(inquiry.address, source.name, `a list that loops at record ${id}`)
    if (seen.size === mostRecords)
      throw malformed(inquiry.address, source.name, `more than ${mostRecords} records`)
    seen.add(id)
    const { next, bytes } = await reader.read(id)
    records.push({ id: bytes.readUInt16LE(0), bytes })
    id = next
  }
  return records
}

interface Part {
  next: number
  bytes: Buffer
}

/** How much is asked for at once: all, or in parts where the BMC cannot, down to what IPMB carries. */
const chunks = [32, 16, 8] as const
/** Codes that say that the reply would be too long. */
const tooLong: ReadonlySet<number> = new Set([0xc4, 0xc7, 0xc8, 0xc9, 0xca, 0xcc, 0xff])
const reservationCancelled = 0xc5
const updateMode = 0xd0
const updateTries = 5

class RecordReader {
  readonly #inquiry: Inquiry
  readonly #source: SdrSource
  #reservation: number | undefined
  #cancelled = 0
  #inParts = false
  #chunk = 0

  constructor(inquiry: Inquiry, source: SdrSource) {
    this.#inquiry = inquiry
    this.#source = source
  }

  async read(id: number): Promise<Part> {
    for (;;) {
      try {
        return await this.#readOnce(id)
      } catch (error) {
        const code = error instanceof FerruleError ? error.details.completionCode : undefined
        if (code !== reservationCancelled || ++this.#cancelled > mostCancelled) throw error
        this.#reservation = undefined
      }
    }
  }

  async #readOnce(id: number): Promise<Part> {
    const whole = this.#inParts ? undefined : await this.#part(id, 0, 0xff)
    if (whole === undefined) this.#inParts = true
    const head = whole ?? (await this.#partOf(id, 0, headerBytes))
    const total = headerBytes + (head.bytes[4] ?? 0)
    const bytes = Buffer.alloc(total)
    let done = head.bytes.copy(bytes)
    // A part has a byte at least, so the length bounds the loop.
    while (done < total) {
      const part = await this.#partOf(id, done, total - done)
      done += part.bytes.copy(bytes, done)
    }
    return { next: head.next, bytes }
  }

  async #partOf(id: number, offset: number, wanted: number): Promise<Part> {
    for (;;) {
      const asked = Math.min(wanted, chunks[this.#chunk] ?? 8)
      const part = await this.#part(id, offset, asked)
      if (part !== undefined) return { ...part, bytes: part.bytes.subarray(0, asked) }
      if (this.#chunk === chunks.length - 1)
        throw malformed(this.#inquiry.address, this.#source.name, `refusals of even ${asked} bytes`)
      this.#chunk += 1
    }
  }

  /** Undefined if it is too long for the BMC. */
  async #part(id: number, offset: number, count: number): Promise<Part | undefined> {
    const { address, settings } = this.#inquiry
    const command = this.#source.get(await this.#reserve(), id, offset, count)
    for (let attempt = 1; ; attempt += 1) {
      const { completionCode, data } = await this.#inquiry.reply(command)
      if (completionCode === completion.ok) return this.#content(command, offset, data)
      if (tooLong.has(completionCode)) return undefined
      if (completionCode !== updateMode || attempt === updateTries)
        throw refused(address, command.name, completionCode)
      await pause(settings.clock, settings.retransmitMs)
    }
  }

  #content(command: Command, offset: number, data: Buffer): Part {
    const least = offset === 0 ? headerBytes : 1
    if (data.length < 2 + least)
      throw malformed(this.#inquiry.address, command.name, `${data.length} bytes of a record`)
    return { next: data.readUInt16LE(0), bytes: data.subarray(2) }
  }

  /** Reading in parts needs one (§33.11); a BMC without the command reads with 0. */
  async #reserve(): Promise<number> {
    if (this.#reservation !== undefined) return this.#reservation
    const data = await askIfThere(this.#inquiry, this.#source.reserve)
    this.#reservation = data === undefined || data.length < 2 ? 0 : data.readUInt16LE(0)
    return this.#reservation
  }
}

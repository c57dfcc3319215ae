import { FerruleError } from '../../../../domain/errors.ts'
import type { Inquiry } from '../client.ts'
import { completion } from '../completion-codes.ts'
import { malformed, refused } from '../errors.ts'
import { askIfThere } from '../inquiry.ts'
import { decodeSelInfo, firstEntry, getSelEntry, getSelInfo, lastEntry, reserveSel } from './commands.ts'

/** Bytes of every record (IPMI 2.0 §32.1 table 32-1). */
export const recordBytes = 16

interface Entry {
  next: number
  record: Buffer
}

/** The newest `limit` records, oldest first. A log that is cleared meanwhile gives what was read until then. */
export async function readSel(inquiry: Inquiry, limit: number): Promise<Buffer[]> {
  const answer = await askIfThere(inquiry, getSelInfo)
  if (answer === undefined) throw noLog(inquiry.address)
  const info = decodeSelInfo(answer)
  if (info === undefined) throw malformed(inquiry.address, getSelInfo.name, 'an answer that is cut short')
  if (info.entries === 0 || limit <= 0) return []
  const reader = new SelReader(inquiry, info.reservable)
  return (await reader.tail(limit, info.entries)) ?? (await reader.all(limit))
}

function noLog(address: string): FerruleError {
  return new FerruleError(
    'bmc-unsupported',
    `BMC ${address} keeps no event log that IPMI can read.`,
    'Look for one on its own web page.',
    { address },
  )
}

/** Parts of a record, for a BMC that cannot send it whole. */
const parts = [8, 4, 1] as const
const tooLong: ReadonlySet<number> = new Set([0xc4, 0xc7, 0xc8, 0xca, 0xcc, 0xff])
const notPresent = 0xcb
const reservationCancelled = 0xc5
const beingErased = 0x81
const mostCancelled = 5

class SelReader {
  readonly #inquiry: Inquiry
  readonly #reservable: boolean
  #reservation = 0
  #part: number | undefined

  constructor(inquiry: Inquiry, reservable: boolean) {
    this.#inquiry = inquiry
    this.#reservable = reservable
  }

  /**
   * Records can only be walked from old to new, but most BMCs number them one after the other. So the walk begins `limit`
   * numbers before the last one; whatever it meets is the end of the list. Undefined if there is no such record, or the
   * walk was too short.
   */
  async tail(limit: number, entries: number): Promise<Buffer[] | undefined> {
    if (entries <= limit) return undefined
    const last = await this.#entry(lastEntry)
    const start = last && last.record.readUInt16LE(0) - limit + 1
    if (start === undefined || start <= firstEntry) return undefined
    const found = await this.#walk(start, limit)
    return found.length === limit ? found : undefined
  }

  all(limit: number): Promise<Buffer[]> {
    return this.#walk(firstEntry, limit)
  }

  async #walk(from: number, limit: number): Promise<Buffer[]> {
    const records: Buffer[] = []
    // There are 65,534 record numbers, and none is visited twice.
    const seen = new Set<number>()
    for (let id = from; id !== lastEntry; ) {
      if (seen.has(id))
        throw malformed(this.#inquiry.address, 'Get SEL Entry', `a list that loops at record ${id}`)
      seen.add(id)
      const entry = await this.#entry(id)
      if (entry === undefined) break
      records.push(entry.record)
      if (records.length > limit) records.shift()
      id = entry.next
    }
    return records
  }

  /** Undefined if there is no such record (any more). */
  async #entry(id: number): Promise<Entry | undefined> {
    if (this.#part === undefined) {
      const whole = await this.#read(id, 0, 0xff)
      if (whole === 'none' || whole === 'cancelled') return undefined
      if (whole !== 'too long' && whole.record.length >= recordBytes)
        return { next: whole.next, record: whole.record.subarray(0, recordBytes) }
      this.#part = 0
    }
    return this.#entryInParts(id)
  }

  async #entryInParts(id: number): Promise<Entry | undefined> {
    const record = Buffer.alloc(recordBytes)
    let next = lastEntry
    let cancelled = 0
    await this.#reserve()
    for (let done = 0; done < recordBytes; ) {
      const asked = Math.min(parts[this.#part ?? 0] ?? 1, recordBytes - done)
      const part = await this.#read(id, done, asked)
      if (part === 'none') return undefined
      if (part === 'cancelled') {
        // Somebody added or cleared records: the same record once more, under a new reservation.
        if (++cancelled > mostCancelled || !(await this.#reserve())) return undefined
        done = 0
      } else if (part === 'too long') {
        if (this.#part === parts.length - 1)
          throw malformed(this.#inquiry.address, 'Get SEL Entry', 'refusals of even one byte')
        this.#part = (this.#part ?? 0) + 1
      } else {
        if (part.record.length === 0)
          throw malformed(this.#inquiry.address, 'Get SEL Entry', 'no data of a record')
        next = part.next
        done += part.record.subarray(0, asked).copy(record, done)
      }
    }
    return { next, record }
  }

  async #read(id: number, offset: number, count: number): Promise<Entry | 'none' | 'cancelled' | 'too long'> {
    const command = getSelEntry(this.#part === undefined ? 0 : this.#reservation, id, offset, count)
    const { completionCode, data } = await this.#inquiry.reply(command)
    if (tooLong.has(completionCode)) return 'too long'
    if (completionCode === reservationCancelled) return 'cancelled'
    if (completionCode === notPresent || completionCode === beingErased) return 'none'
    if (completionCode !== completion.ok) throw refused(this.#inquiry.address, command.name, completionCode)
    if (data.length < 2)
      throw malformed(this.#inquiry.address, command.name, 'an answer without the next record')
    return { next: data.readUInt16LE(0), record: data.subarray(2) }
  }

  /** Parts of one record belong together only under one reservation. False: the BMC has none. */
  async #reserve(): Promise<boolean> {
    const data = this.#reservable ? await askIfThere(this.#inquiry, reserveSel) : undefined
    this.#reservation = data === undefined || data.length < 2 ? 0 : data.readUInt16LE(0)
    return data !== undefined
  }
}

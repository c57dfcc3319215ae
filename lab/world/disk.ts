import { createHash } from 'node:crypto'
import { deflateRawSync, inflateRawSync } from 'node:zlib'
import type { Disk } from './types.ts'

/** Contents are held in chunks of this many bytes; a chunk that is all zero is not held. */
export const CHUNK = 64 * 1024

/** What `hash()` says of a disk without one non-zero byte. */
export const blankHash = createHash('sha256').digest('hex')

export interface DiskSpec {
  name: string
  serial: string
  model: string
  size: number
}

/** Chunk number → deflated bytes in base64. */
export type DiskState = Record<string, string>

export class SparseDisk implements Disk {
  readonly name: string
  readonly serial: string
  readonly model: string
  readonly size: number
  readOnly = false
  readonly #chunks = new Map<number, Buffer>()
  /** Chunks as the last snapshot packed them: most do not change until the next one. */
  readonly #packed = new Map<number, string>()

  constructor(spec: DiskSpec) {
    this.name = spec.name
    this.serial = spec.serial
    this.model = spec.model
    this.size = spec.size
  }

  read(offset: number, length: number): Buffer {
    this.#check(offset, length)
    const out = Buffer.alloc(length)
    for (const { number, from, to, at } of pieces(offset, length)) {
      this.#chunks.get(number)?.copy(out, at, from, to)
    }
    return out
  }

  write(offset: number, bytes: Buffer): void {
    this.#check(offset, bytes.length)
    if (this.readOnly) return
    for (const { number, from, to, at } of pieces(offset, bytes.length)) {
      const chunk = this.#chunks.get(number) ?? Buffer.alloc(CHUNK)
      bytes.copy(chunk, from, at, at + to - from)
      this.#keep(number, chunk)
    }
  }

  zero(offset: number, length: number): void {
    this.#check(offset, length)
    if (this.readOnly) return
    const end = offset + length
    for (const [number, chunk] of [...this.#chunks]) {
      const start = number * CHUNK
      if (start + CHUNK <= offset || start >= end) continue
      chunk.fill(0, Math.max(0, offset - start), Math.min(CHUNK, end - start))
      this.#keep(number, chunk)
    }
  }

  hash(): string {
    const hash = createHash('sha256')
    for (const { offset, bytes } of this.chunks()) hash.update(`${offset}:`).update(bytes)
    return hash.digest('hex')
  }

  isBlank(): boolean {
    return this.#chunks.size === 0
  }

  contains(bytes: Buffer): boolean {
    if (bytes.length === 0 || bytes.length > this.size) return false
    const margin = bytes.length - 1
    let run: { from: number; to: number } | undefined
    for (const { offset } of this.chunks()) {
      if (run && offset <= run.to + margin) {
        run.to = offset + CHUNK
        continue
      }
      if (run && this.#finds(bytes, run, margin)) return true
      run = { from: offset, to: offset + CHUNK }
    }
    if (run && this.#finds(bytes, run, margin)) return true
    return bytes.every((byte) => byte === 0) && this.#chunks.size * CHUNK + bytes.length <= this.size
  }

  /** The chunks that hold anything but zeroes, in order. The last one may reach beyond the end of the disk. */
  chunks(): { offset: number; bytes: Buffer }[] {
    return [...this.#chunks]
      .sort(([a], [b]) => a - b)
      .map(([number, bytes]) => ({ offset: number * CHUNK, bytes }))
  }

  snapshot(): DiskState {
    for (const [number, bytes] of this.#chunks) {
      if (this.#packed.has(number)) continue
      this.#packed.set(number, deflateRawSync(bytes, { level: 1 }).toString('base64'))
    }
    return Object.fromEntries(this.#packed)
  }

  restore(state: DiskState): void {
    this.#chunks.clear()
    this.#packed.clear()
    for (const [number, packed] of Object.entries(state)) {
      this.#chunks.set(Number(number), inflateRawSync(Buffer.from(packed, 'base64')))
    }
  }

  /** A run of chunks together with the zeroes around it, into which the sought bytes may reach. */
  #finds(bytes: Buffer, run: { from: number; to: number }, margin: number): boolean {
    const from = Math.max(0, run.from - margin)
    const to = Math.min(this.size, run.to + margin)
    return this.read(from, to - from).includes(bytes)
  }

  #keep(number: number, chunk: Buffer): void {
    this.#packed.delete(number)
    if (chunk.equals(ZERO_CHUNK)) this.#chunks.delete(number)
    else this.#chunks.set(number, chunk)
  }

  #check(offset: number, length: number): void {
    if (offset >= 0 && length >= 0 && offset + length <= this.size) return
    throw new RangeError(`${length} bytes at ${offset} are outside of disk ${this.name} (${this.size} bytes)`)
  }
}

const ZERO_CHUNK = Buffer.alloc(CHUNK)

/** Cuts a range into its parts per chunk: bytes `from`..`to` of chunk `number` are at `at` in the range. */
function* pieces(offset: number, length: number) {
  let at = 0
  while (at < length) {
    const number = Math.floor((offset + at) / CHUNK)
    const from = (offset + at) % CHUNK
    const to = Math.min(CHUNK, from + length - at)
    yield { number, from, to, at }
    at += to - from
  }
}

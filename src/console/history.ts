/** The last bytes of a console, so that whoever joins sees what was printed before. */
export class History {
  readonly #limit: number
  #chunks: Buffer[] = []
  #size = 0

  constructor(limit: number) {
    this.#limit = limit
  }

  add(data: Buffer): void {
    this.#chunks.push(data)
    this.#size += data.length
    while (this.#size > this.#limit) {
      const [oldest] = this.#chunks
      if (!oldest) return
      const excess = this.#size - this.#limit
      if (oldest.length <= excess) {
        this.#chunks.shift()
        this.#size -= oldest.length
      } else {
        this.#chunks[0] = oldest.subarray(excess)
        this.#size -= excess
      }
    }
  }

  clear(): void {
    this.#chunks = []
    this.#size = 0
  }

  read(): Buffer {
    const whole = Buffer.concat(this.#chunks)
    // many small chunks cost more than their bytes
    this.#chunks = [whole]
    return whole
  }
}

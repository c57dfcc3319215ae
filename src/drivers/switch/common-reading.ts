/** A look at a whole device: readers at the same moment share one answer, and nothing is kept after it. */
export class CommonReading<T> {
  readonly #read: () => Promise<T>
  #reading: Promise<T> | null = null

  constructor(read: () => Promise<T>) {
    this.#read = read
  }

  async get(): Promise<T> {
    const reading = this.#reading ?? this.#read()
    this.#reading = reading
    try {
      return await reading
    } finally {
      if (this.#reading === reading) this.#reading = null
    }
  }

  /** After a write: a read that began before it must not be taken for the read-back. */
  forget(): void {
    this.#reading = null
  }
}

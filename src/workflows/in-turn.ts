/** Pieces of work that wait for each other: one runs at a time, in the order in which they came. */
export class Turns {
  #last: Promise<unknown> = Promise.resolve()

  /** Runs `work` once all that came before has ended, however it ended; resolves and rejects as `work` does. */
  take<Result>(work: () => Promise<Result>): Promise<Result> {
    const mine = this.#last.then(work)
    this.#last = mine.catch(() => undefined)
    return mine
  }
}

const choices = new WeakMap<object, Turns>()

/**
 * One choice of a host at a time in this replica. Those that begin together would all want the same best host: one gets
 * it, and the others have read the whole fleet for nothing, again and again. Between replicas the database decides, so
 * whoever chooses must still be ready to lose and to look again.
 * @param db of which the hosts are
 */
export function chooseInTurn<Result>(db: object, work: () => Promise<Result>): Promise<Result> {
  const turns = choices.get(db) ?? new Turns()
  choices.set(db, turns)
  return turns.take(work)
}

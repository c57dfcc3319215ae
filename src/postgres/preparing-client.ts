import { createHash } from 'node:crypto'
import pg from 'pg'
import { asOverTcp } from './lost-server.ts'

/**
 * Statements that one process prepares. What is written in code is far fewer; a text that is put together from input
 * would be a new one each time, and must not fill the server's memory.
 */
const MOST = 1000

const names = new Map<string, string>()

function nameOf(text: string): string | undefined {
  const known = names.get(text)
  if (known !== undefined) return known
  if (names.size >= MOST) return undefined
  const name = `f${createHash('sha1').update(text).digest('base64url').slice(0, 20)}`
  names.set(text, name)
  return name
}

/**
 * Prepares each statement with parameters once per connection, the durable engine's too: PostgreSQL spends more on
 * parsing and planning our small statements than on running them.
 *
 * A change of the schema by a newer replica makes the server refuse a prepared `select *` ("cached plan must not change
 * result type"): then the connection forgets what it has prepared, and a statement outside of a transaction runs again.
 */
export class PreparingClient extends pg.Client {
  #generation = 0

  // biome-ignore lint/suspicious/noExplicitAny: pg declares a dozen overloads of this method; whatever is no text with values passes as it came
  override query(...args: any[]): any {
    const [text, values, callback] = args
    // without parameters a text may be several statements, which cannot be prepared together
    const parametrised = typeof text === 'string' && Array.isArray(values) && values.length > 0
    const name = parametrised ? nameOf(text) : undefined
    // pg's own types cannot tell that these are the arguments of one of its overloads
    if (name === undefined) return this.#ask(args as Parameters<pg.Client['query']>)
    // the pool itself asks with a callback
    if (typeof callback === 'function') return this.#run(name, text, values, callback)
    return new Promise((resolve, reject) => {
      this.#run(name, text, values, (error, result) => (error ? reject(error) : resolve(result)))
    })
  }

  /** As pg has it: the answer comes by a callback, a promise, or through the object that asked. */
  #ask(args: Parameters<pg.Client['query']>): unknown {
    const last: unknown = args.at(-1)
    if (typeof last === 'function') {
      const told = (error: Error, ...rest: unknown[]) => last(asOverTcp(error), ...rest)
      return super.query.apply(this, [...args.slice(0, -1), told] as unknown as Parameters<
        pg.Client['query']
      >)
    }
    const answer: unknown = super.query.apply(this, args)
    if (!(answer instanceof Promise)) return answer
    return answer.catch((error: unknown) => {
      throw asOverTcp(error)
    })
  }

  #run(name: string, text: string, values: unknown[], done: Done): void {
    const send = (callback: Done) =>
      super.query({ name: `${name}${this.#generation || ''}`, text, values }, callback)
    send((error, result) => {
      if (!isStalePlan(error)) return done(asOverTcp(error), result)
      this.#generation += 1
      // inside a transaction nothing runs any more: its caller gets the first reason and repeats the whole of it
      send((again, retried) =>
        done(again instanceof pg.DatabaseError && again.code === '25P02' ? error : again, retried),
      )
    })
  }
}

type Done = (error: Error, result: pg.QueryResult) => void

/** PostgreSQL's feature_not_supported, which it only gives to (text, values) for this. */
function isStalePlan(error: unknown): boolean {
  return (
    error instanceof pg.DatabaseError &&
    error.code === '0A000' &&
    error.message.includes('cached plan must not change result type')
  )
}

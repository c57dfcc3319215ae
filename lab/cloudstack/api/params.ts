import { invalid } from './api-error.ts'

/** The parameters of one call, by names in lower case, as the commands read them. */
export class Params {
  readonly #values: ReadonlyMap<string, string>

  constructor(values: ReadonlyMap<string, string>) {
    this.#values = new Map([...values].map(([name, value]) => [name.toLowerCase(), value]))
  }

  has(name: string): boolean {
    const prefix = `${name}[`
    return this.#values.has(name) || [...this.#values.keys()].some((key) => key.startsWith(prefix))
  }

  /** Undefined: not given, or empty, which is the same to CloudStack. */
  text(name: string): string | undefined {
    const value = this.#values.get(name)
    return value === '' ? undefined : value
  }

  /** For parameters that the command declares as required: the server has looked already. */
  must(name: string): string {
    const value = this.text(name)
    if (value === undefined) throw invalid(`parameter ${name} is empty`)
    return value
  }

  flag(name: string, otherwise = false): boolean {
    const value = this.text(name)
    return value === undefined ? otherwise : value.toLowerCase() === 'true'
  }

  number(name: string): number | undefined {
    const value = this.text(name)
    if (value === undefined) return undefined
    const number = Number(value)
    if (!Number.isInteger(number)) throw invalid(`Invalid value ${value} for parameter ${name}`)
    return number
  }

  list(name: string): string[] {
    return (this.text(name) ?? '').split(',').filter((part) => part !== '')
  }

  /** `details[0].ram=64` and `details[0].key=ram&details[0].value=64` mean the same. */
  map(name: string): Record<string, string> {
    const entries = this.entries(name).flatMap((entry) => {
      const { key, value, ...rest } = entry
      return key !== undefined && value !== undefined ? [[key, value] as const] : Object.entries(rest)
    })
    return Object.fromEntries(entries)
  }

  /** `parameters[0].name=a&parameters[0].type=STRING`, one record for each number. */
  entries(name: string): Record<string, string>[] {
    const found = new Map<number, Record<string, string>>()
    for (const [key, value] of this.#values) {
      const match = /^([^[]+)\[(\d+)\]\.(.+)$/.exec(key)
      if (match?.[1] !== name || match[2] === undefined || match[3] === undefined) continue
      const at = Number(match[2])
      found.set(at, { ...found.get(at), [match[3]]: value })
    }
    return [...found].sort(([a], [b]) => a - b).map(([, entry]) => entry)
  }
}

import { aboutProperty, type Message, message } from '../messages.ts'
import type { Setter } from '../resource.ts'

/** Setters for plain kinds of values; what they refuse they leave as it was. */

function shown(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

export function wrongType(name: string, value: unknown): Message[] {
  return [aboutProperty(name, 'PropertyValueTypeError', shown(value), name)]
}

export function text(limit: number, set: (value: string) => void): Setter {
  return (value, name) => {
    if (typeof value !== 'string') return wrongType(name, value)
    if (value.length > limit) return [aboutProperty(name, 'PropertyValueOutOfRange', value, name)]
    set(value)
    return []
  }
}

export function flag(set: (value: boolean) => void): Setter {
  return (value, name) => {
    if (typeof value !== 'boolean') return wrongType(name, value)
    set(value)
    return []
  }
}

export function whole(min: number, max: number, set: (value: number) => void): Setter {
  return (value, name) => {
    if (typeof value !== 'number' || !Number.isInteger(value)) return wrongType(name, value)
    if (value < min || value > max)
      return [aboutProperty(name, 'PropertyValueOutOfRange', String(value), name)]
    set(value)
    return []
  }
}

export function oneOf<Value extends string>(allowed: readonly Value[], set: (value: Value) => void): Setter {
  return (value, name) => {
    if (typeof value !== 'string') return wrongType(name, value)
    const found = allowed.find((one) => one === value)
    if (found === undefined) return [aboutProperty(name, 'PropertyValueNotInList', value, name)]
    set(found)
    return []
  }
}

/** A string that must be there in a request that creates something. */
export function required(
  body: Record<string, unknown>,
  name: string,
): { value: string; messages: Message[] } {
  const value = body[name]
  if (value === undefined) return { value: '', messages: [message('PropertyMissing', name)] }
  return typeof value === 'string' ? { value, messages: [] } : { value: '', messages: wrongType(name, value) }
}

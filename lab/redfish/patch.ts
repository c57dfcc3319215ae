import { aboutProperty, type Message, message } from './messages.ts'
import type { Json, Setter } from './resource.ts'

/**
 * Applies a PATCH: what can be set is set. Refused is the whole only if nothing could be (`messages` then says why);
 * else the resource comes back, with what was refused noted beside it (DSP0266, "PATCH (update)").
 */
export function applyPatch(
  body: Json,
  setters: Record<string, Setter>,
  before: Json,
  after: () => Json,
): { body: Json; messages: readonly Message[] | null } {
  const names = Object.keys(body).filter((name) => !name.startsWith('@') && !name.includes('@'))
  if (names.length === 0) return { body: {}, messages: [message('NoOperation')] }
  const refused = new Map<string, readonly Message[]>()
  for (const name of names) {
    const setter = Object.hasOwn(setters, name) ? setters[name] : undefined
    const complaints = setter === undefined ? [unsettable(name, before)] : setter(body[name], name)
    if (complaints.length > 0) refused.set(name, complaints)
  }
  if (refused.size === names.length) return { body: {}, messages: [...refused.values()].flat() }
  const notes = [...refused.values()].flat()
  return {
    body: { ...after(), ...(notes.length > 0 ? { '@Message.ExtendedInfo': notes } : {}) },
    messages: null,
  }
}

function unsettable(name: string, before: Json): Message {
  const known = Object.hasOwn(before, name)
  return aboutProperty(name, known ? 'PropertyNotWritable' : 'PropertyUnknown', name)
}

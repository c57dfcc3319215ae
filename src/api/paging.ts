/** Whole lists, kept in the order of their names: the cursor is the last name that was given, in base64url. */
export function pageByName<Item extends { name: string }>(
  all: readonly Item[],
  query: { limit: number; after?: string | undefined },
): { items: Item[]; next: string | null } {
  const after = query.after === undefined ? null : nameOfCursor(query.after)
  const sorted = [...all].sort((a, b) => compare(a.name, b.name))
  const rest = after === null ? sorted : sorted.filter((item) => compare(item.name, after) > 0)
  const items = rest.slice(0, query.limit)
  const last = items.at(-1)
  const next = last && rest.length > items.length ? cursorOfName(last.name) : null
  return { items, next }
}

/** For lists that the database orders by name: one more than asked for tells whether there is more. */
export function pageOfNames<Item extends { name: string }>(
  found: readonly Item[],
  limit: number,
): { items: Item[]; next: string | null } {
  const items = found.slice(0, limit)
  const last = items.at(-1)
  return { items, next: last && found.length > limit ? cursorOfName(last.name) : null }
}

export function cursorOfName(name: string): string {
  return Buffer.from(name, 'utf8').toString('base64url')
}

/** Any text is a valid place in the order of names; what no name can hold is left out. */
export function nameOfCursor(cursor: string): string {
  return Buffer.from(cursor, 'base64url').toString('utf8').replaceAll('\0', '')
}

/** For lists that the database orders by a number: one more than asked for tells whether there is more. */
export function pageByNumber<Item>(
  found: readonly Item[],
  limit: number,
  numberOf: (item: Item) => number,
): { items: Item[]; next: string | null } {
  const items = found.slice(0, limit)
  const last = items.at(-1)
  return { items, next: last && found.length > limit ? String(numberOf(last)) : null }
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

import type { Element } from './element.ts'

/** What a subtree filter leaves of `data` (RFC 6241 §6). */
export function filtered(data: readonly Element[], filters: readonly Element[]): Element[] {
  return data.flatMap(
    (one) =>
      chosen(
        one,
        filters.filter((filter) => fits(filter, one)),
      ) ?? [],
  )
}

function fits(filter: Element, one: Element): boolean {
  return filter.name === one.name && (filter.namespace === '' || filter.namespace === one.namespace)
}

/** The parts of one element that any of the filters for it selects; null: none of them selects it. */
function chosen(one: Element, filters: readonly Element[]): Element | null {
  const hits = filters.filter((filter) => contentMatches(one, filter))
  if (hits.length === 0) return null
  const parts = hits.map((filter) => filter.children)
  // a selection node, or one with nothing but content match nodes: all of it
  if (parts.some((children) => children.every(isContentMatch))) return one
  const inner = parts.flat()
  const children = one.children.flatMap((part) => {
    const own = inner.filter((filter) => fits(filter, part))
    if (own.some(isContentMatch)) return part
    return chosen(part, own) ?? []
  })
  return children.length === 0 ? null : { ...one, children }
}

function isContentMatch({ text, children }: Element): boolean {
  return children.length === 0 && text.trim() !== ''
}

function contentMatches(one: Element, filter: Element): boolean {
  return filter.children
    .filter(isContentMatch)
    .every((match) =>
      one.children.some((part) => fits(match, part) && part.text.trim() === match.text.trim()),
    )
}

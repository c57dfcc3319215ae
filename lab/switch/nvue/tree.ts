/** A configuration of NVUE: objects all the way down, an empty one where there is nothing more to say. */
export interface Tree {
  [key: string]: Tree | string | number | boolean
}

type Value = Tree[string]

export function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** As a PATCH of NVUE: objects are merged, null takes away. */
export function patched(tree: Tree, patch: unknown): Tree {
  const next: Tree = { ...tree }
  if (!isTree(patch)) return next
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete next[key]
    else if (isTree(value)) {
      const old = next[key]
      next[key] = patched(isTree(old) ? old : {}, value)
    } else next[key] = value
  }
  return next
}

export function at(tree: Tree, path: readonly string[]): Value | null {
  let here: Value = tree
  for (const key of path) {
    if (!isTree(here) || here[key] === undefined) return null
    here = here[key]
  }
  return here
}

/** The part at a path, as a tree from the root. */
export function wrapped(path: readonly string[], value: unknown): unknown {
  return path.reduceRight<unknown>((inner, key) => ({ [key]: inner }), value)
}

/** What `to` has and `from` has not, as a tree; null for what is the same. */
export function lacking(from: Value | null, to: Value): Value | null {
  if (!isTree(to)) return from === to ? null : to
  if (!isTree(from)) return to
  const found: Tree = {}
  for (const [key, value] of Object.entries(to)) {
    const part = lacking(from[key] ?? null, value)
    if (part !== null) found[key] = part
  }
  return Object.keys(found).length > 0 ? found : null
}

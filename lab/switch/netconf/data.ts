import { type Element, element } from './element.ts'
import { type Schema, schema } from './schema.ts'

/** Children of a container by their names: text of a leaf, texts of a leaf-list, entries of a list by their keys. */
export type Data = Map<string, Node>
export type Node = string | Set<string> | { byKey: Map<string, Data> } | { inner: Data }

export function cloneData(data: Data): Data {
  return new Map([...data].map(([name, node]) => [name, cloneNode(node)]))
}

function cloneNode(node: Node): Node {
  if (typeof node === 'string') return node
  if (node instanceof Set) return new Set(node)
  if ('inner' in node) return { inner: cloneData(node.inner) }
  return { byKey: new Map([...node.byKey].map(([key, entry]) => [key, cloneData(entry)])) }
}

export function isEmpty(node: Node): boolean {
  if (typeof node === 'string') return false
  if (node instanceof Set) return node.size === 0
  return 'inner' in node ? [...node.inner.values()].every(isEmpty) : node.byKey.size === 0
}

/** What is in a container below `data`, step by step; nothing if one of them is not there. */
export function below(data: Data | undefined, ...names: readonly string[]): Data {
  let at = data ?? new Map()
  for (const name of names) {
    const node = at.get(name)
    at = node !== undefined && isContainer(node) ? node.inner : new Map()
  }
  return at
}

export function entriesOf(data: Data, name: string): ReadonlyMap<string, Data> {
  const node = data.get(name)
  return node !== undefined && isList(node) ? node.byKey : new Map()
}

export function leafOf(data: Data, name: string): string | null {
  const node = data.get(name)
  return typeof node === 'string' ? node : null
}

export function leafListOf(data: Data, name: string): ReadonlySet<string> | null {
  const node = data.get(name)
  return node instanceof Set && node.size > 0 ? node : null
}

function isContainer(node: Node): node is { inner: Data } {
  return typeof node === 'object' && 'inner' in node
}

function isList(node: Node): node is { byKey: Map<string, Data> } {
  return typeof node === 'object' && 'byKey' in node
}

/** As it is sent, in the order of the model. */
export function elementsOf(data: Data, children: Readonly<Record<string, Schema>> = schema): Element[] {
  return Object.entries(children).flatMap(([name, known]) => {
    const node = data.get(name)
    if (node === undefined || isEmpty(node)) return []
    const { namespace } = known
    if (typeof node === 'string') return [element(namespace, name, node)]
    if (node instanceof Set) return [...node].map((value) => element(namespace, name, value))
    const inner = 'children' in known ? known.children : {}
    const all = isContainer(node) ? [node.inner] : [...node.byKey.values()]
    return all.map((one) => element(namespace, name, elementsOf(one, inner)))
  })
}

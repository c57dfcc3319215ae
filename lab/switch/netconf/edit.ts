import { type Data, isEmpty, type Node } from './data.ts'
import type { Element } from './element.ts'
import { RpcError } from './rpc-error.ts'
import { type Schema, schema } from './schema.ts'

export const NETCONF = 'urn:ietf:params:xml:ns:netconf:base:1.0'

const operations = ['merge', 'replace', 'create', 'delete', 'remove', 'none'] as const
export type Operation = (typeof operations)[number]

type Children = Readonly<Record<string, Schema>>

/** What `<config>` of an edit-config makes of `data`, in place (RFC 6241 §7.2). @throws RpcError at the first fault */
export function edit(data: Data, config: Element, operation: Operation): void {
  if (operation === 'replace') data.clear()
  editChildren({ data, children: schema, path: '' }, config.children, operation)
}

interface At {
  data: Data
  children: Children
  path: string
}

function editChildren(at: At, elements: readonly Element[], operation: Operation): void {
  for (const one of elements) {
    const path = `${at.path}/${one.name}`
    const known = knownChild(at.children, one, path)
    const own = operationOf(one, operation)
    if (known.kind === 'list') editEntry(at, { one, known, path }, own)
    else if (known.kind === 'container') {
      const there = at.data.get(one.name)
      const inner = begun(there && !isEmpty(there) ? there : undefined, own, path)
      if (inner === 'gone') at.data.delete(one.name)
      else {
        const container = inner === 'new' || !isContainer(inner) ? { inner: new Map() } : inner
        at.data.set(one.name, container)
        editChildren({ data: container.inner, children: known.children, path }, one.children, own)
      }
    } else editLeaf(at, { one, known, path }, own)
  }
}

function editEntry(
  { data }: At,
  { one, known, path }: { one: Element; known: Schema & { kind: 'list' }; path: string },
  operation: Operation,
): void {
  const key = one.children.find(({ name }) => name === known.key)?.text.trim()
  if (key === undefined || key === '')
    throw new RpcError('missing-element', `${path} has no ${known.key}`, {
      path,
      info: { 'bad-element': known.key },
    })
  const where = `${path}[${known.key}='${key}']`
  const there = data.get(one.name)
  const { byKey } = typeof there === 'object' && 'byKey' in there ? there : { byKey: new Map<string, Data>() }
  data.set(one.name, { byKey })
  const before = byKey.get(key)
  const now = begun(before && { inner: before }, operation, where)
  if (now === 'gone') byKey.delete(key)
  else {
    const inner: Data = now === 'new' || !isContainer(now) ? new Map() : now.inner
    byKey.set(key, inner)
    inner.set(known.key, key)
    const rest = one.children.filter(({ name }) => name !== known.key)
    editChildren({ data: inner, children: known.children, path: where }, rest, operation)
  }
}

function editLeaf(
  { data }: At,
  { one, known, path }: { one: Element; known: Schema & { kind: 'leaf' | 'leaf-list' }; path: string },
  operation: Operation,
): void {
  const value = one.text.trim()
  const isOne = known.kind === 'leaf'
  const there = data.get(one.name)
  const values = there instanceof Set ? there : new Set<string>()
  const exists = isOne ? there : values.has(value) ? values : undefined
  const now = begun(exists, operation, path)
  if (now === 'gone') {
    if (isOne) data.delete(one.name)
    else values.delete(value)
    return
  }
  if (operation === 'none') return
  if (!known.takes(value))
    throw new RpcError('invalid-value', `"${value}" is no value of ${one.name}`, {
      path,
      info: { 'bad-element': one.name },
    })
  data.set(one.name, isOne ? value : values.add(value))
}

/** With what the rest of an operation goes on: what was there, nothing yet, or with nothing any more. */
function begun(there: Node | undefined, operation: Operation, path: string): Node | 'new' | 'gone' {
  const exists = there !== undefined
  if (operation === 'create' && exists)
    throw new RpcError('data-exists', `${path} is there already`, { path })
  if ((operation === 'delete' || operation === 'none') && !exists)
    throw new RpcError('data-missing', `${path} is not there`, { path })
  if (operation === 'delete' || operation === 'remove') return 'gone'
  return !exists || operation === 'replace' ? 'new' : there
}

function isContainer(node: Node): node is { inner: Data } {
  return typeof node === 'object' && 'inner' in node
}

function knownChild(children: Children, one: Element, path: string): Schema {
  const known = children[one.name]
  if (known === undefined)
    throw new RpcError('unknown-element', `No such node: ${path}`, {
      path,
      info: { 'bad-element': one.name },
    })
  if (known.namespace !== one.namespace)
    throw new RpcError('unknown-namespace', `${path} is not of ${one.namespace}`, {
      path,
      info: { 'bad-element': one.name, 'bad-namespace': one.namespace },
    })
  return known
}

function operationOf({ name, attributes }: Element, inherited: Operation): Operation {
  const said = attributes[`{${NETCONF}}operation`]
  if (said === undefined) return inherited
  const own = operations.find((one) => one === said && one !== 'none')
  if (own !== undefined) return own
  throw new RpcError('bad-attribute', `"${said}" is no operation`, {
    info: { 'bad-attribute': 'operation', 'bad-element': name },
  })
}

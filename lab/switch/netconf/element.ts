import { XMLParser } from 'fast-xml-parser'
import { escapeXml } from '../xml.ts'

/** One element of XML with its namespace. */
export interface Element {
  name: string
  /** Empty: it is in none. */
  namespace: string
  /** By `{namespace}name`, or by the name alone where an attribute has no prefix; declarations of namespaces are none. */
  attributes: Readonly<Record<string, string>>
  text: string
  children: readonly Element[]
}

const parser = new XMLParser({
  preserveOrder: true,
  ignoreAttributes: false,
  attributeNamePrefix: '',
  ignoreDeclaration: true,
  parseTagValue: false,
  parseAttributeValue: false,
  trimValues: false,
})

/** The root of a message; null if it is not one well-formed element, or declares a document type. */
export function parseMessage(message: string): Element | null {
  if (message.includes('<!DOCTYPE')) return null
  try {
    const [root, ...more] = elementsOf(parser.parse(message.trim(), true), { '': '' })
    return root === undefined || more.length > 0 ? null : root
  } catch {
    return null
  }
}

type Prefixes = Readonly<Record<string, string>>

/** fast-xml-parser's ordered form: [{ name: [children], ':@': attributes }, { '#text': 'x' }]. */
function elementsOf(nodes: unknown, outer: Prefixes): Element[] {
  if (!Array.isArray(nodes)) return []
  return nodes.flatMap((node: Record<string, unknown>) => {
    const written = Object.keys(node).find((key) => key !== ':@' && key !== '#text')
    if (written === undefined) return []
    const own = Object.entries((node[':@'] ?? {}) as Record<string, string>)
    const prefixes = { ...outer }
    for (const [name, value] of own) {
      const declared = /^xmlns(?::(.+))?$/.exec(name)
      if (declared) prefixes[declared[1] ?? ''] = value
    }
    const inner = node[written]
    const { name, namespace } = qualified(written, prefixes, prefixes[''] ?? '')
    return [
      {
        name,
        namespace,
        attributes: Object.fromEntries(
          own
            .filter(([key]) => !/^xmlns(?::|$)/.test(key))
            .map(([key, value]) => {
              const one = qualified(key, prefixes, '')
              return [one.namespace === '' ? one.name : `{${one.namespace}}${one.name}`, value]
            }),
        ),
        text: Array.isArray(inner)
          ? inner.map((part: Record<string, unknown>) => String(part['#text'] ?? '')).join('')
          : '',
        children: elementsOf(inner, prefixes),
      },
    ]
  })
}

/** @throws Error for a prefix that nobody has declared */
function qualified(written: string, prefixes: Prefixes, otherwise: string) {
  const colon = written.indexOf(':')
  if (colon < 0) return { name: written, namespace: otherwise }
  const namespace = prefixes[written.slice(0, colon)]
  if (namespace === undefined) throw new Error(`prefix of ${written}`)
  return { name: written.slice(colon + 1), namespace }
}

export function element(
  namespace: string,
  name: string,
  inner: string | number | boolean | readonly Element[] = [],
): Element {
  const isText = !Array.isArray(inner)
  return {
    ...{ name, namespace, attributes: {} },
    text: isText ? String(inner) : '',
    children: isText ? [] : (inner as readonly Element[]),
  }
}

/** Its XML, below an element of the namespace `outer`. */
export function written(one: Element, outer = ''): string {
  const declared = one.namespace === outer ? '' : ` xmlns="${escapeXml(one.namespace)}"`
  const inner = escapeXml(one.text) + one.children.map((child) => written(child, one.namespace)).join('')
  return inner === '' ? `<${one.name}${declared}/>` : `<${one.name}${declared}>${inner}</${one.name}>`
}

export function child(one: Element, name: string): Element | undefined {
  return one.children.find((other) => other.name === name)
}

import { XMLParser } from 'fast-xml-parser'

/** One element: its local name, its text, its child elements in order. */
export interface Element {
  name: string
  text: string
  children: Element[]
}

const parser = new XMLParser({
  preserveOrder: true,
  ignoreAttributes: true,
  ignoreDeclaration: true,
  parseTagValue: false,
  removeNSPrefix: true,
  // Lines of commands are separated by line ends; only the outer blanks of a value are of no meaning.
  trimValues: false,
})

/** The root element of a request's body, or null if it is not one well-formed element. */
export function parseXml(body: string): Element | null {
  let nodes: unknown
  try {
    nodes = parser.parse(body, true)
  } catch {
    return null
  }
  const elements = toElements(nodes)
  return elements.length === 1 ? (elements[0] ?? null) : null
}

/** fast-xml-parser's ordered form: [{ name: [children] }, { '#text': 'x' }]. */
function toElements(nodes: unknown): Element[] {
  if (!Array.isArray(nodes)) return []
  return nodes.flatMap((node: Record<string, unknown>) => {
    const name = Object.keys(node).find((key) => key !== ':@' && key !== '#text')
    if (name === undefined) return []
    const inner = node[name]
    const text = Array.isArray(inner)
      ? inner.map((part: Record<string, unknown>) => String(part['#text'] ?? '')).join('')
      : ''
    return [{ name, text, children: toElements(inner) }]
  })
}

export function childText(element: Element, name: string): string | undefined {
  return element.children.find((child) => child.name === name)?.text.trim()
}

export function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

export function tag(name: string, content: string): string {
  return `<${name}>${content}</${name}>`
}

import { structuredPatch } from 'diff'
import { type Document, isMap, isScalar, parseDocument, stringify } from 'yaml'
import { systemUrlSetting } from './schema.ts'

export interface Change {
  path: readonly string[]
  /** Null takes it out of the file, so that its default holds. */
  value: string | number | boolean | null
}

/**
 * The file with these settings changed: comments, order and everything else stay. A value that stands there already is
 * changed in its place, and a section that is not there comes last; only where a line comes into one, or goes, is the
 * file written anew, and collections in braces and brackets may then have other blanks.
 */
export function editConfig(text: string, changes: readonly Change[]): string {
  return changes.reduce(
    (before, change) => replaced(before, change) ?? appended(before, change) ?? rewritten(before, change),
    text,
  )
}

/** Null: it does not stand there as a value of one line. */
function replaced(text: string, { path, value }: Change): string | null {
  if (value === null) return null
  const range = rangeOf(parseDocument(text), path)
  if (range === null || text.slice(range.from, range.to).includes('\n')) return null
  const isPlain = typeof value !== 'string' || /^[A-Za-z][\w./-]*$/.test(value)
  return `${text.slice(0, range.from)}${isPlain ? value : JSON.stringify(value)}${text.slice(range.to)}`
}

/** Null: the file has the section already, or is none of sections with a line each. */
function appended(text: string, { path, value }: Change): string | null {
  const { contents } = parseDocument(text)
  const [section = ''] = path
  if (value === null || !isMap(contents) || contents.flow || contents.has(section)) return null
  const nested = [...path].reverse().reduce<unknown>((inner, key) => ({ [key]: inner }), value)
  return `${text.trimEnd()}\n${stringify(nested)}`
}

function rewritten(text: string, { path, value }: Change): string {
  const document = parseDocument(text)
  if (value !== null) document.setIn(path, value)
  else if (inFile(text)(path)) takeOut(document, path)
  else return text
  // long lines stay whole: they are a person's, and a broken one would show in the difference
  return document.toString({ lineWidth: 0 })
}

/** With each section that says nothing any more. */
function takeOut(document: Document.Parsed, path: readonly string[]): void {
  document.deleteIn(path)
  const section = path.slice(0, -1)
  const rest = section.length === 0 ? null : document.getIn(section)
  if (isMap(rest) && rest.items.length === 0) takeOut(document, section)
}

/** Whether the file says anything there. */
export function inFile(text: string): (path: readonly string[]) => boolean {
  const document = parseDocument(text)
  return (path) => document.contents !== null && document.hasIn(path)
}

/** The lines that differ, each behind "-" or "+", and one around them behind a blank; secrets are hidden. */
export function configDiff(before: string, after: string): string[] {
  const patch = structuredPatch('', '', hideSecrets(before), hideSecrets(after), '', '', { context: 1 })
  return patch.hunks.flatMap((hunk) => hunk.lines.filter((line) => !line.startsWith('\\')))
}

/** The only secret that a valid file holds itself is CloudStack's form of the connection to MAAS. */
function hideSecrets(text: string): string {
  const document = parseDocument(text)
  const ranges = [[systemUrlSetting], ['settings', systemUrlSetting]]
    .map((path) => rangeOf(document, path))
    .filter((range) => range !== null)
    .sort((one, other) => other.from - one.from)
  let shown = text
  for (const { from, to } of ranges) shown = `${shown.slice(0, from)}[hidden]${shown.slice(to)}`
  return shown
}

function rangeOf(document: Document.Parsed, path: readonly string[]): { from: number; to: number } | null {
  const node = document.contents === null ? undefined : document.getIn(path, true)
  return isScalar(node) && node.range ? { from: node.range[0], to: node.range[1] } : null
}

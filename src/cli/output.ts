import Table from 'cli-table3'
import type { Session } from './session.ts'

/** For machines: one document. */
export function printJson(session: Session, document: unknown): void {
  session.out(`${JSON.stringify(document, null, 2)}\n`)
}

/** Columns by name; nothing but text, so that it can be cut and grepped. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const blank = Object.fromEntries(borders.map((name) => [name, '']))
  const made = new Table({
    head: [...head],
    chars: { ...blank, middle: '  ' },
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
  })
  made.push(...rows.map((row) => [...row]))
  return `${made
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n')}\n`
}

const borders = [
  'top',
  'top-mid',
  'top-left',
  'top-right',
  'bottom',
  'bottom-mid',
  'bottom-left',
  'bottom-right',
  'left',
  'left-mid',
  'mid',
  'mid-mid',
  'right',
  'right-mid',
]

/** A list, in the form that was asked for. */
export function printList<Item>(
  session: Session,
  items: readonly Item[],
  columns: Record<string, (item: Item) => string>,
): void {
  if (session.json) {
    printJson(session, items)
    return
  }
  if (items.length === 0) {
    session.err('none\n')
    return
  }
  const rows = items.map((item) => Object.values(columns).map((cell) => cell(item)))
  session.out(
    table(
      Object.keys(columns).map((name) => name.toUpperCase()),
      rows,
    ),
  )
}

/** One object, name beside value. */
export function printFields<Item>(
  session: Session,
  item: Item,
  fields: (item: Item) => Record<string, string>,
): void {
  if (session.json) {
    printJson(session, item)
    return
  }
  const pairs = Object.entries(fields(item)).filter(([, value]) => value !== '')
  const width = Math.max(...pairs.map(([name]) => name.length))
  for (const [name, value] of pairs)
    session.out(`${name.padEnd(width)}  ${value.replaceAll('\n', `\n${' '.repeat(width + 2)}`)}\n`)
}

export function orDash(value: string | number | null | undefined): string {
  return value === null || value === undefined || value === '' ? '-' : String(value)
}

/** Local time to the second: what a person compares with a clock. */
export function when(iso: string | null): string {
  if (iso === null) return '-'
  return new Date(iso).toLocaleString('sv-SE')
}

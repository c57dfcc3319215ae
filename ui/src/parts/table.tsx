import { useVirtualizer } from '@tanstack/react-virtual'
import type { KeyboardEvent, ReactNode } from 'react'
import { memo, useRef } from 'react'

export interface Column<Row> {
  id: string
  title: ReactNode
  cell: (row: Row) => ReactNode
  sort?: ((row: Row) => string | number) | undefined
}

/** A group's heading, or one row. */
export type Line<Row> = { heading: string; count: number } | { row: Row }

const ROW_PX = 34
const OVERSCAN = 6

/**
 * A table of any length: only the rows that can be seen are in the document. Up and down go from row to row, as Tab goes
 * from link to link.
 */
export function Table<Row>({
  label,
  columns,
  lines,
  keyOf,
  sorted,
  onSort,
}: {
  label: string
  columns: readonly Column<Row>[]
  lines: readonly Line<Row>[]
  keyOf: (row: Row) => string
  sorted?: { id: string; down: boolean } | undefined
  onSort?: ((id: string) => void) | undefined
}) {
  const place = useRef<HTMLElement>(null)
  const virtual = useVirtualizer({
    count: lines.length,
    getScrollElement: () => place.current,
    estimateSize: () => ROW_PX,
    overscan: OVERSCAN,
  })
  const items = virtual.getVirtualItems()
  const above = items[0]?.start ?? 0
  const below = virtual.getTotalSize() - (items.at(-1)?.end ?? 0)
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section className="table-place" ref={place} tabIndex={0} aria-label={label} onKeyDown={walk}>
      <table aria-rowcount={lines.length + 1}>
        <thead>
          <tr>
            {columns.map(({ id, title, sort }) => (
              <th key={id} scope="col" aria-sort={ariaSort(id, sorted)}>
                {sort && onSort ? (
                  <button type="button" className="sort" onClick={() => onSort(id)}>
                    {title}
                    <span aria-hidden="true">{sorted?.id === id ? (sorted.down ? ' ▼' : ' ▲') : ''}</span>
                  </button>
                ) : (
                  title
                )}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {above > 0 && <Gap height={above} columns={columns.length} />}
          {items.map(({ index }) => {
            const line = lines[index]
            if (line === undefined) return null
            if ('heading' in line)
              return (
                <tr key={`group ${line.heading}`} className="group" aria-rowindex={index + 2}>
                  <th scope="rowgroup" colSpan={columns.length}>
                    {line.heading} <span className="count">{line.count}</span>
                  </th>
                </tr>
              )
            return <RowOf key={keyOf(line.row)} row={line.row} index={index} columns={columns} />
          })}
          {below > 0 && <Gap height={below} columns={columns.length} />}
        </tbody>
      </table>
    </section>
  )
}

interface RowProps<Row> {
  row: Row
  index: number
  columns: readonly Column<Row>[]
}

/** Made again only with another row or other columns: while the table scrolls, the rows that stay are left alone. */
const RowOf = memo(function RowOf<Row>({ row, index, columns }: RowProps<Row>) {
  return (
    <tr aria-rowindex={index + 2}>
      {columns.map(({ id, cell }) => (
        <td key={id}>{cell(row)}</td>
      ))}
    </tr>
  )
  // memo's type forgets that the component is generic
}) as <Row>(props: RowProps<Row>) => ReactNode

function Gap({ height, columns }: { height: number; columns: number }) {
  return (
    // biome-ignore lint/a11y/noAriaHiddenOnFocusable: a row takes no focus
    <tr aria-hidden="true" className="gap">
      <td colSpan={columns} style={{ height }} />
    </tr>
  )
}

function ariaSort(id: string, sorted: { id: string; down: boolean } | undefined) {
  if (sorted?.id !== id) return undefined
  return sorted.down ? 'descending' : 'ascending'
}

/** From the link of one row to that of the next. */
function walk(event: KeyboardEvent<HTMLElement>) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
  if (step === undefined || !(event.target instanceof HTMLElement)) return
  if (event.target.tagName === 'SELECT') return
  const rows = [...event.currentTarget.querySelectorAll<HTMLElement>('tbody tr:not(.gap):not(.group)')]
  const at = rows.findIndex((row) => row.contains(event.target instanceof Node ? event.target : null))
  const next = at < 0 ? rows[0] : rows[at + step]
  const link = next?.querySelector<HTMLElement>('a')
  if (!link) return
  event.preventDefault()
  link.focus()
  link.scrollIntoView({ block: 'nearest' })
}

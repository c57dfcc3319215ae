import { useRouter } from '@tanstack/react-router'
import type { CSSProperties, KeyboardEvent, MouseEvent, ReactNode } from 'react'
import { memo, useMemo, useRef } from 'react'
import { widthsOf } from './column-widths.ts'
import { ROW_PX, useLinesInView } from './lines-in-view.ts'

export interface Column<Row> {
  id: string
  title: ReactNode
  /** What the cell says, as plain text: each column is as wide as its longest. */
  text: (row: Row) => string
  /** Where it is more than its text. */
  cell?: ((row: Row) => ReactNode) | undefined
  /** CSS pixels that the cell needs beside its text. */
  morePx?: number
  /** It gives way down to so many CSS pixels where there is not room for all; the whole is then told on hover. */
  leastPx?: number
  /** What hover tells, where it is more than the text. */
  hover?: (row: Row) => string
  sort?: ((row: Row) => string | number) | undefined
}

/** A group's heading, or one row. */
export type Line<Row> = { heading: string; count: number } | { row: Row }

/**
 * A table of any length: only the rows that can be seen are in the document. Up and down go from row to row, as Tab goes
 * from link to link. Its elements are laid out as a list of grids, each row by itself: what comes and goes while it is
 * scrolled then moves nothing else. Their roles are said, because a browser takes a table for one by its layout.
 */
export function Table<Row extends object>({
  label,
  columns,
  rows,
  lines,
  keyOf,
  sorted,
  onSort,
}: {
  label: string
  columns: readonly Column<Row>[]
  /** All there are, also those that a filter hides: widths do not change with what is typed. */
  rows: readonly Row[]
  lines: readonly Line<Row>[]
  keyOf: (row: Row) => string
  sorted?: { id: string; down: boolean } | undefined
  onSort?: ((id: string) => void) | undefined
}) {
  const place = useRef<HTMLElement>(null)
  const { first, last } = useLinesInView(place, lines.length)
  const follow = useFollow()
  const widths = useMemo(() => widthsOf(columns, rows), [columns, rows])
  const style = {
    '--columns': widths.map(({ px, leastPx }) => `minmax(${leastPx}px, ${px}fr)`).join(' '),
    minWidth: widths.reduce((sum, { leastPx }) => sum + leastPx, 0),
  }
  return (
    <section
      className="table-place"
      ref={place}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
      tabIndex={0}
      aria-label={label}
      onKeyDown={walk}
      onClick={follow}
    >
      {/* biome-ignore lint/a11y/noRedundantRoles: laid out as no table, it is none to a browser */}
      <table role="table" aria-rowcount={lines.length + 1} style={style as CSSProperties}>
        {/* biome-ignore lint/a11y/noRedundantRoles: laid out as no table, it is none to a browser */}
        <thead role="rowgroup">
          {/* biome-ignore lint/a11y/noRedundantRoles: laid out as no table, it is none to a browser */}
          <tr role="row">
            {columns.map(({ id, title, sort }) => (
              // biome-ignore lint/a11y/noRedundantRoles: laid out as no table, it is none to a browser
              <th key={id} role="columnheader" scope="col" aria-sort={ariaSort(id, sorted)}>
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
        {/* biome-ignore lint/a11y/noRedundantRoles: laid out as no table, it is none to a browser */}
        <tbody role="rowgroup" style={{ height: lines.length * ROW_PX }}>
          {lines.slice(first, last).map((line, at) => {
            const index = first + at
            if ('heading' in line)
              return (
                <Heading
                  key={`group ${line.heading}`}
                  heading={line.heading}
                  count={line.count}
                  index={index}
                />
              )
            return <RowOf key={keyOf(line.row)} row={line.row} index={index} columns={columns} />
          })}
        </tbody>
      </table>
    </section>
  )
}

function Heading({ heading, count, index }: { heading: string; count: number; index: number }) {
  return (
    // biome-ignore lint/a11y/noRedundantRoles: laid out as no table, it is none to a browser
    <tr role="row" className="group" aria-rowindex={index + 2} style={{ top: index * ROW_PX }}>
      {/* biome-ignore lint/a11y/noRedundantRoles: laid out as no table, it is none to a browser */}
      <td role="cell">
        {heading} <span className="count">{count}</span>
      </td>
    </tr>
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
    // biome-ignore lint/a11y/noRedundantRoles: laid out as no table, it is none to a browser
    <tr role="row" aria-rowindex={index + 2} style={{ top: index * ROW_PX }}>
      {columns.map(({ id, text, cell, leastPx, hover = text }) => (
        // biome-ignore lint/a11y/noRedundantRoles: laid out as no table, it is none to a browser
        <td key={id} role="cell" title={leastPx === undefined ? undefined : hover(row)}>
          {cell ? cell(row) : text(row)}
        </td>
      ))}
    </tr>
  )
  // memo's type forgets that the component is generic
}) as <Row>(props: RowProps<Row>) => ReactNode

/** A link within a row: the router's own component costs a subscription for each of them. */
export function RowLink({ to, children }: { to: string; children: ReactNode }) {
  return <a href={to}>{children}</a>
}

/** A plain click on a link of ours leads there without loading the page anew. */
function useFollow() {
  const router = useRouter()
  return (event: MouseEvent) => {
    const link = event.target instanceof Element ? event.target.closest('a') : null
    if (
      link === null ||
      event.button !== 0 ||
      event.ctrlKey ||
      event.metaKey ||
      event.shiftKey ||
      event.altKey
    )
      return
    event.preventDefault()
    router.history.push(link.getAttribute('href') ?? '')
  }
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
  const rows = [...event.currentTarget.querySelectorAll<HTMLElement>('tbody tr:not(.group)')]
  const at = rows.findIndex((row) => row.contains(event.target instanceof Node ? event.target : null))
  const next = at < 0 ? rows[0] : rows[at + step]
  const link = next?.querySelector<HTMLElement>('a')
  if (!link) return
  event.preventDefault()
  link.focus()
  link.scrollIntoView({ block: 'nearest' })
}

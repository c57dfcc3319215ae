/** Of each cell, both sides together, as in the style sheet. */
const PADDING_PX = 12
/** Titles are bold, and carry the mark of the order. */
const TITLE_PX = 24
const characters = new Map<string, number>()
let pen: CanvasRenderingContext2D | null = null

/** Width of a text in the font of the page, in CSS pixels: the sum of its characters, each measured once. */
function widthOf(text: string): number {
  let sum = 0
  for (const character of text) {
    let px = characters.get(character)
    if (px === undefined) {
      pen ??= document.createElement('canvas').getContext('2d')
      if (pen === null) return 0
      pen.font = getComputedStyle(document.body).font
      px = pen.measureText(character).width
      characters.set(character, px)
    }
    sum += px
  }
  return sum
}

/** Kept with the function that tells the text: of ten thousand rows only those are measured that are new. */
const known = new WeakMap<object, { seen: WeakSet<object>; titlePx: number; px: number }>()

interface Measured<Row> {
  title: unknown
  text: (row: Row) => string
  morePx?: number
  leastPx?: number
}

export interface ColumnWidth {
  /** For the longest text that the column ever had. */
  px: number
  /** As narrow as it may become: never narrower than its title. */
  leastPx: number
}

/**
 * As wide as the longest text that each column ever had, in CSS pixels: a row that comes in while the table is scrolled
 * then moves no other. Where there is no room for that, those with a `leastPx` give way.
 */
export function widthsOf<Row extends object>(
  columns: readonly Measured<Row>[],
  rows: readonly Row[],
): ColumnWidth[] {
  return columns.map(({ title, text, morePx = 0, leastPx }) => {
    let column = known.get(text)
    if (column === undefined) {
      const titlePx = typeof title === 'string' ? widthOf(title) + TITLE_PX : 0
      column = { seen: new WeakSet(), titlePx, px: titlePx }
      known.set(text, column)
    }
    for (const row of rows) {
      if (column.seen.has(row)) continue
      column.seen.add(row)
      column.px = Math.max(column.px, widthOf(text(row)) + morePx)
    }
    const px = Math.ceil(column.px + PADDING_PX)
    const least = leastPx === undefined ? px : Math.max(leastPx, Math.ceil(column.titlePx + PADDING_PX))
    return { px, leastPx: Math.min(px, least) }
  })
}

export interface CsvRow {
  /** Of its begin, from 1 on. */
  line: number
  cells: string[]
}

/**
 * Comma-separated values as RFC 4180 has them: quotes around what holds commas, quotes (doubled) or ends of lines.
 * Lines without anything, and those that begin with "#", are left out.
 * @throws Error that names the line, for a quote that is never closed, or that stands in the middle of a value
 */
export function parseCsv(text: string): CsvRow[] {
  const rows: CsvRow[] = []
  let row: CsvRow = { line: 1, cells: [] }
  let cell = ''
  let quoted: 'no' | 'inside' | 'closed' = 'no'
  let line = 1
  const endCell = () => {
    row.cells.push(quoted === 'no' ? cell.trim() : cell)
    cell = ''
    quoted = 'no'
  }
  const endRow = () => {
    endCell()
    const empty = row.cells.length === 1 && row.cells[0] === ''
    if (!empty && !row.cells[0]?.startsWith('#')) rows.push(row)
    row = { line: line + 1, cells: [] }
  }
  const characters = text.replace(/^\uFEFF/, '').replaceAll('\r\n', '\n')
  for (let at = 0; at < characters.length; at += 1) {
    const character = characters[at] ?? ''
    if (quoted === 'inside') {
      if (character === '\n') line += 1
      if (character !== '"') cell += character
      else if (characters[at + 1] === '"') {
        cell += '"'
        at += 1
      } else quoted = 'closed'
    } else if (character === ',') endCell()
    else if (character === '\n') {
      endRow()
      line += 1
    } else if (character === '"' && quoted === 'no' && cell.trim() === '') {
      cell = ''
      quoted = 'inside'
    } else if (character === '"' || (quoted === 'closed' && character.trim() !== '')) {
      throw new Error(`line ${line}: a quote stands in the middle of a value`)
    } else if (quoted === 'no') cell += character
  }
  if (quoted === 'inside') throw new Error(`line ${row.line}: a quote is never closed`)
  if (cell !== '' || row.cells.length > 0) endRow()
  return rows
}

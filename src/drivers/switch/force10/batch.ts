import type { SwitchChange } from '../types.ts'

/** "The commands sent in XML payload are restricted to a maximum of 1000 characters" (Dell Open Automation Guide). */
export const CLI_LIMIT = 1000

const SEPARATOR = '\r\n'

/** Lines under one "interface …" line; the first is that line. */
type Section = readonly string[]

/**
 * The lines of several ports as few REST-CLI calls, none over the limit, in three phases that never share a call:
 * all that narrows, all that widens, all that opens. OS9 runs on after a refused line, so within one call a
 * refused `no untagged` would not stop the `untagged` behind it; between two calls it does.
 */
export function cliCalls(changes: readonly SwitchChange[], limit: number = CLI_LIMIT): string[] {
  const sections = changes.flatMap((change) => sectionsOf(change.lines))
  return phases.flatMap((phase) =>
    pack(
      sections.map((section) => onlyPhase(section, phase)),
      limit,
    ),
  )
}

const phases = [narrows, widens, opens]

function narrows(line: string): boolean {
  return line === ' shutdown' || (line.startsWith(' no ') && !opens(line))
}

function opens(line: string): boolean {
  return line === ' no shutdown'
}

function widens(line: string): boolean {
  return !narrows(line) && !opens(line)
}

function sectionsOf(lines: readonly string[]): Section[] {
  const sections: string[][] = []
  for (const line of lines) {
    if (line.startsWith(' ')) sections.at(-1)?.push(line)
    else sections.push([line])
  }
  return sections
}

function onlyPhase(section: Section, phase: (line: string) => boolean): Section {
  const [header, ...commands] = section
  const chosen = commands.filter(phase)
  return header === undefined || chosen.length === 0 ? [] : [header, ...chosen]
}

function pack(sections: readonly Section[], limit: number): string[] {
  const calls: string[] = []
  let call = ''
  let open = ''
  for (const [header, ...commands] of sections) {
    if (header === undefined) continue
    for (const command of commands) {
      const continued = open === header && call !== ''
      const piece = continued ? command : `${header}${SEPARATOR}${command}`
      const longer = call === '' ? piece : `${call}${SEPARATOR}${piece}`
      if (longer.length <= limit) {
        call = longer
      } else {
        calls.push(call)
        call = `${header}${SEPARATOR}${command}`
      }
      open = header
    }
  }
  if (call !== '') calls.push(call)
  return calls
}

import type { SwitchChange } from '../types.ts'

/** "The commands sent in XML payload are restricted to a maximum of 1000 characters" (Dell Open Automation Guide). */
export const CLI_LIMIT = 1000

export const SEPARATOR = '\r\n'

export const LACP = ' port-channel-protocol lacp'

/** Lines under one "interface …" line; the first is that line. "no interface …" has none under it. */
type Section = readonly string[]

/**
 * The lines of several ports as few REST-CLI calls, none over the limit, in up to three phases:
 * 1. what makes the rest harmless: the port is shut, or, where the link stays up, its old tagged VLANs go;
 * 2. the changes of membership;
 * 3. the ports that were shut are opened.
 * OS9 runs on after a refused line, and a switch may say yes and do nothing; so phases never share a call, and the
 * driver proves one by reading before it sends the next.
 */
export function cliPhases(changes: readonly SwitchChange[], limit: number = CLI_LIMIT): string[][] {
  const marked = changes.flatMap((change) => {
    const isolated = change.lines.includes(' shutdown')
    return sectionsOf(change.lines).map((section) => ({ section, isolated }))
  })
  const phases = [1, 2, 3].map((phase) =>
    pack(
      marked.map(({ section, isolated }) => onlyPhase(section, (line) => phaseOf(line, isolated) === phase)),
      limit,
    ),
  )
  return phases.filter((calls) => calls.length > 0)
}

function phaseOf(line: string, isolated: boolean): number {
  if (line === ' shutdown') return 1
  if (line === ' no shutdown') return 3
  return !isolated && line.startsWith(' no tagged ') ? 1 : 2
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
  if (header !== undefined && commands.length === 0) return phase(header) ? [header] : []
  return header === undefined || chosen.length === 0 ? [] : [header, ...chosen]
}

function pack(sections: readonly Section[], limit: number): string[] {
  const calls: string[] = []
  let call = ''
  let open = ''
  for (const [header, ...commands] of sections) {
    if (header === undefined) continue
    // typed at the top, wherever the section before it has led
    if (commands.length === 0) {
      if (call !== '') calls.push(call)
      calls.push(header)
      call = ''
      continue
    }
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
    // LACP is a mode below the interface's: no document says that another interface can be entered from there
    if (commands.includes(LACP)) {
      calls.push(call)
      call = ''
    }
  }
  if (call !== '') calls.push(call)
  return calls
}

import type { ConsoleState } from './stream.ts'

/** The state of a console in one line. */
export function describe({ line, ...who }: ConsoleState): string {
  const reason = sentence(line.reason ?? '')
  switch (line.state) {
    case 'open':
      return [
        `connected; ${writer(who)}${others(who.viewers)}`,
        `${reason} ${sentence(line.remedy ?? '')}`.trim(),
      ]
        .filter((part) => part !== '')
        .join('. ')
    case 'connecting':
      return 'asking the BMC for the console'
    case 'retrying':
      return `no connection to the machine: ${reason} It is tried again by itself.`
    case 'taken':
      return `another tool has this console: ${reason}${who.mayWrite ? ' ~t takes it over.' : ''}`
    default:
      return `no console: ${reason} ${sentence(line.remedy ?? '')}${who.mayWrite ? ' ~t tries again.' : ''}`
  }
}

function writer({ writer: name, writing, mayWrite }: Omit<ConsoleState, 'line'>): string {
  if (writing) return 'you type'
  if (!mayWrite) return name === null ? 'you only watch' : `${name} types, you only watch`
  return name === null ? 'nobody types yet' : `${name} types (~t: type here)`
}

function others(viewers: number): string {
  return viewers > 1 ? `; ${viewers - 1} more watch` : ''
}

/** Reasons come from errors and from drivers, with a full stop or without. */
function sentence(text: string): string {
  return text === '' || /[.!?]$/.test(text) ? text : `${text}.`
}

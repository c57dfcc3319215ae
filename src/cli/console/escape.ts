/** What a person asks of the terminal itself, after Enter: ~. ends, ~t takes the keyboard, ~? lists, ~~ is one ~. */
export type EscapeCommand = 'end' | 'take' | 'help'

export const escapeHelp = `
 ~.  end this console
 ~t  type here, whoever typed before; also takes the console from another tool
 ~?  this list
 ~~  one ~
(each after Enter)
`

const commands = new Map<string, EscapeCommand>([
  ['.', 'end'],
  ['t', 'take'],
  ['?', 'help'],
])

/** Reads keys as they come and takes the escapes out of them; as ssh, ipmitool and conserver do it. */
export class EscapeReader {
  #atLineStart = true
  #pending = false

  /** What is for the machine, and what is for us, in order. */
  read(text: string): (string | { command: EscapeCommand })[] {
    const parts: (string | { command: EscapeCommand })[] = []
    let plain = ''
    const flush = () => {
      if (plain !== '') parts.push(plain)
      plain = ''
    }
    for (const character of text) {
      if (this.#pending) {
        this.#pending = false
        const command = commands.get(character)
        if (command) {
          flush()
          parts.push({ command })
          this.#atLineStart = true
          continue
        }
        plain += character === '~' ? '~' : `~${character}`
      } else if (character === '~' && this.#atLineStart) {
        this.#pending = true
        continue
      } else plain += character
      this.#atLineStart = character === '\r' || character === '\n'
    }
    flush()
    return parts
  }
}

const withValue = new Set(['--url', '--token-file', '-o', '--output', '--timeout'])
const alone = new Set(['--wait', '--no-wait'])

/**
 * Brings global options to the front, so that they may stand anywhere. commander could do that itself, but then no
 * command could have an option of the same name, and "template register" has its own --url.
 */
export function hoistGlobals(argv: readonly string[]): string[] {
  const front: string[] = []
  const rest: string[] = []
  for (let at = 0; at < argv.length; at++) {
    const word = argv[at] ?? ''
    if (word === '--') {
      rest.push(...argv.slice(at))
      break
    }
    const name = word.split('=')[0] ?? word
    const own = name === '--url' && rest[0] === 'template' && rest[1] === 'register'
    if (own || !(alone.has(word) || withValue.has(name))) rest.push(word)
    else if (word.includes('=') || alone.has(word)) front.push(word)
    else {
      const value = argv[++at]
      front.push(word, ...(value === undefined ? [] : [value]))
    }
  }
  return [...front, ...rest]
}

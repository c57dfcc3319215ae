import type { Command } from 'commander'

/** What may follow: the path of words so far, e.g. "instance deploy", to sub-commands and options. */
export function completionWords(command: Command, path = ''): Map<string, string[]> {
  const words = new Map<string, string[]>()
  const own = command.commands.map((one) => one.name())
  const options = command.options.flatMap((option) => (option.long ? [option.long] : []))
  words.set(path, [...own, ...options])
  for (const child of command.commands)
    for (const [below, list] of completionWords(child, `${path} ${child.name()}`.trim()))
      words.set(below, list)
  return words
}

export function completionScript(shell: string, program: Command): string {
  const words = completionWords(program)
  if (shell === 'fish') return fish(words)
  const bash = bashScript(words)
  return shell === 'zsh' ? `#compdef ferrule\nautoload -U +X bashcompinit && bashcompinit\n${bash}` : bash
}

/** Options and their values are passed over: the sub-commands alone say where we are. */
function bashScript(words: Map<string, string[]>): string {
  const cases = [...words].map(([path, list]) => `    "${path}") words="${list.join(' ')}" ;;`).join('\n')
  const known = [...words.keys()].filter((path) => path !== '')
  return `_ferrule() {
  local cur="\${COMP_WORDS[COMP_CWORD]}" path="" word try words=""
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    try="\${path:+$path }$word"
    case "$try" in
      ${known.map((path) => `"${path}"`).join('|')}) path="$try" ;;
    esac
  done
  case "$path" in
${cases}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
}
complete -o default -F _ferrule ferrule
`
}

function fish(words: Map<string, string[]>): string {
  const lines = [...words].map(([path, list]) => {
    const seen = path.split(' ').filter((word) => word !== '')
    const deeper = [...words.keys()]
      .filter((other) => other !== path && other.startsWith(path === '' ? '' : `${path} `))
      .map((other) => other.split(' ')[seen.length])
    const conditions = [
      ...seen.map((word) => `__fish_seen_subcommand_from ${word}`),
      ...(deeper.length > 0 ? [`not __fish_seen_subcommand_from ${[...new Set(deeper)].join(' ')}`] : []),
    ]
    const when = conditions.length > 0 ? ` -n '${conditions.join('; and ')}'` : ''
    return `complete -c ferrule -f${when} -a '${list.join(' ')}'`
  })
  return `${lines.join('\n')}\n`
}

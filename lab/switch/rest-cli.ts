import type { Answer } from './answer.ts'
import { HttpRefusal } from './answer.ts'
import type { Mode } from './cli.ts'
import { parseLine, prompt } from './cli.ts'
import { Refusal } from './config.ts'
import type { SwitchDials } from './dials.ts'
import { spend } from './dials.ts'
import type { SwitchModel } from './model.ts'
import type { ShowSources } from './show.ts'
import { show } from './show.ts'
import type { Element } from './xml.ts'
import { escapeXml, tag } from './xml.ts'

/** Dell Open Automation Guide, "REST API Framework to Execute the CLIs". */
const LONGEST_COMMAND = 1000
const KINDS = ['config-commands', 'show-command', 'exec-command']

/**
 * REST-CLI: commands in, the terminal's text out, and 200 whatever the text says. Lines of a config-commands element
 * are typed one after another: a refused line is passed over and the next one is run, as on a terminal.
 */
export function runCli(
  body: Element | null,
  model: SwitchModel,
  sources: ShowSources,
  dials: SwitchDials,
  namespace: string,
  mayWrite: boolean,
): Answer {
  const command = body?.children[0]
  if (
    body?.name !== 'input' ||
    command === undefined ||
    body.children.length > 1 ||
    !KINDS.includes(command.name)
  ) {
    throw new HttpRefusal(400, `The body is <input> with one of ${KINDS.join(', ')}.`)
  }
  if (command.text.length > LONGEST_COMMAND)
    throw new HttpRefusal(400, `The command is longer than ${LONGEST_COMMAND} characters.`)
  if (command.name !== 'show-command' && !mayWrite)
    throw new HttpRefusal(403, 'The privilege level of this user is too low.')
  const lines = run(command, model, sources, dials)
  const text = escapeXml(lines.join('\r\n'))
  return { status: 200, body: `<output xmlns='${namespace}'>\n${tag('command', text)}\n</output>\n` }
}

function run(command: Element, model: SwitchModel, sources: ShowSources, dials: SwitchDials): string[] {
  if (command.name === 'config-commands') return configure(command.text, model, dials)
  const text = command.text.trim()
  const echo = command.name === 'show-command' ? `show ${text.replace(/^show /i, '')}` : text
  return [
    echo,
    ...guarded(() =>
      command.name === 'show-command' ? show(text, model, sources) : execute(text, model, dials),
    ),
    `${model.name}#`,
  ]
}

function guarded(work: () => string[]): string[] {
  try {
    return work()
  } catch (error) {
    if (error instanceof Refusal) return errorLines(error)
    throw error
  }
}

function errorLines(error: Refusal): string[] {
  const marker = error.message.includes('marker') ? [`${' '.repeat(20)}^`] : []
  return [...marker, `% Error: ${error.message}`]
}

function configure(text: string, model: SwitchModel, dials: SwitchDials): string[] {
  const output = ['conf']
  const nothing = spend(dials, 'okButNothing')
  let mode: Mode = { at: 'top' }
  let applied = 0
  // The guide's own samples separate lines by the four characters \r\n; its users send the two control characters.
  for (const line of text.split(/(?:\\r\\n|[\r\n])+/).filter((part) => part.trim() !== '')) {
    output.push(`${prompt(model.name, mode, model.running)}${line.trim()}`)
    try {
      const command = parseLine(line, mode, model.running)
      if (command.changes && dials.errorText !== null) throw new Refusal(dials.errorText)
      if (command.changes && applied > 0 && spend(dials, 'halfApply'))
        throw new HttpRefusal(500, 'Internal error.')
      if (command.changes && !nothing) model.change(command.edit)
      if (command.changes) applied += 1
      mode = command.next
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      output.push(...errorLines(error))
    }
  }
  return [...output, prompt(model.name, mode, model.running)]
}

function execute(text: string, model: SwitchModel, dials: SwitchDials): string[] {
  if (
    !/^(wr(ite)?( mem(ory)?)?|copy run(ning-config)? start(up-config)?)$/i.test(text.replace(/\s+/g, ' '))
  ) {
    // Interactive commands ("reload", "clear counters") are not to be had by REST at all.
    throw new Refusal('Invalid input at "^" marker.')
  }
  if (!dials.saveLies && !spend(dials, 'okButNothing')) model.save()
  return ['!', `Synchronizing data to peer stack-unit`, '!!']
}

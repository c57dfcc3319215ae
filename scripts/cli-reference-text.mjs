const preface = `# Command line

Made from the commands themselves by \`npm run docs:cli\`.

\`ferrule\` is a client of the HTTP interface; \`config check\` and \`cloudstack\` alone need no controller. In a checkout, write \`npx ferrule\`.

**Where the controller is:** \`--url\`, else \`FERRULE_URL\`, else \`http://127.0.0.1:8420\`.
**The token:** \`--token-file\`, else \`FERRULE_TOKEN\`, else \`FERRULE_TOKEN_FILE\`, else \`.ferrule/admin.token\` in the current folder.
**Forms:** tables for people on stdout, progress on stderr; \`--output json\` prints one JSON document on stdout and nothing else there.
**Waiting:** a command that starts an operation follows it to its end. \`--no-wait\` only starts it; \`--timeout 10m\` stops following, not the operation.
**Objects** are named by name or id, operations by number or id. Global options may stand anywhere.

| exit status | meaning |
|---|---|
| 0 | done |
| 1 | the operation failed and was undone, or the server failed |
| 2 | wrong usage, or input that the server refused (4xx) |
| 3 | no controller at the URL |
| 4 | still running: \`--timeout\` passed, or Ctrl-C; the operation goes on |
| 5 | the operation is parked: it waits for a person ([parked operations](../guide/operator.md#parked-operations)) |

`

/**
 * @param {import('commander').Command} program
 * @returns {string} Markdown
 */
export function cliReference(program) {
  const commands = program.commands.flatMap((command) => leaves(command, 'ferrule'))
  return `${preface}## Global options\n\n${options(program)}${commands.map(section).join('')}`
}

function leaves(command, before) {
  const path = `${before} ${command.name()}`
  return command.commands.length === 0
    ? [{ path, command }]
    : command.commands.flatMap((child) => leaves(child, path))
}

function section({ path, command }) {
  const words = command.registeredArguments.map(argument).join(' ')
  const usage = [path, words, command.options.length > 0 ? '[options]' : ''].filter(Boolean).join(' ')
  return `\n## ${path}\n\n${sentence(command.description())}\n\n    ${usage}\n${command.options.length > 0 ? `\n${options(command)}` : ''}`
}

function argument({ required, variadic, _name: name }) {
  const dots = variadic ? '…' : ''
  return required ? `<${name}>${dots}` : `[${name}]${dots}`
}

function options(command) {
  const rows = command.options.map(({ flags, description, argChoices, defaultValue, mandatory }) => {
    const more = [
      mandatory ? 'required' : '',
      argChoices ? argChoices.join(', ') : '',
      defaultValue === undefined || typeof defaultValue === 'object' ? '' : `default ${defaultValue}`,
    ].filter(Boolean)
    return `| \`${flags}\` | ${cell(description)}${more.length > 0 ? ` (${cell(more.join('; '))})` : ''} |\n`
  })
  return `| option | meaning |\n|---|---|\n${rows.join('')}`
}

function cell(text) {
  return text.replaceAll('|', '\\|').replace(/</g, '&lt;')
}

function sentence(text) {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`
}

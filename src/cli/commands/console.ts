import type { Command } from 'commander'
import { run } from '../action.ts'
import { EscapeReader, escapeHelp } from '../console/escape.ts'
import { type ConsoleState, openConsoleStream } from '../console/stream.ts'
import { exitCodes } from '../failure.ts'
import type { Session } from '../session.ts'

export function consoleCommand(program: Command): void {
  program
    .command('console')
    .argument('<host>')
    .description("a host's serial console; ~. after Enter ends it, ~? lists what else")
    .option('--take', 'type at once, whoever types now')
    .option('--watch', 'only watch: keys are not sent')
    .action(
      run<{ take?: boolean; watch?: boolean }>(async (session, options, host = '') => {
        let said = ''
        const stream = await openConsoleStream(session, host, {
          data: (bytes) => process.stdout.write(bytes),
          state: (state) => {
            const words = describe(state)
            if (words !== said) note(session, words)
            said = words
          },
        })
        if (options.take) stream.take()
        const reader = new EscapeReader()
        const keys = (chunk: Buffer) => {
          for (const part of reader.read(chunk.toString('utf8'))) {
            if (typeof part !== 'string') command(part.command)
            else if (!options.watch) stream.send(part)
          }
        }
        const command = (what: 'end' | 'take' | 'help') => {
          if (what === 'end') stream.close()
          else if (what === 'take') stream.take()
          else session.err(escapeHelp.replaceAll('\n', '\r\n'))
        }
        const interrupted = () => stream.close()
        const late = session.timeout === null ? null : setTimeout(() => stream.close(), session.timeout)
        const restore = rawKeys(keys, interrupted)
        try {
          const reason = await stream.ended
          if (reason !== '') note(session, reason)
          return exitCodes.ok
        } finally {
          restore()
          if (late) clearTimeout(late)
        }
      }),
    )
}

/** In a terminal every key goes to the machine, Ctrl-C too. Elsewhere stdin is sent as it comes, and its end ends nothing. */
function rawKeys(onKeys: (chunk: Buffer) => void, onInterrupt: () => void): () => void {
  const { stdin } = process
  if (stdin.isTTY) stdin.setRawMode(true)
  else process.once('SIGINT', onInterrupt)
  stdin.on('data', onKeys)
  stdin.resume()
  return () => {
    stdin.off('data', onKeys)
    stdin.pause()
    if (stdin.isTTY) stdin.setRawMode(false)
    process.removeListener('SIGINT', onInterrupt)
  }
}

function describe({ line, viewers, writer, writing }: ConsoleState): string {
  const others = viewers > 1 ? `; ${viewers - 1} more watch` : ''
  const who = writing ? 'you type' : writer === null ? 'nobody types yet' : `${writer} types (~t: type here)`
  switch (line.state) {
    case 'open':
      return `connected; ${who}${others}`
    case 'connecting':
      return 'asking the BMC for the console'
    case 'retrying':
      return `${line.reason ?? ''} It is asked again by itself`
    case 'taken':
      return `another tool has this console: ${line.reason ?? ''} (~t: take it over)`
    default:
      return `${line.reason ?? ''} ${line.remedy ?? ''}`.trim()
  }
}

/** On stderr, so that stdout is the console alone. */
function note(session: Session, text: string): void {
  session.err(`[ferrule: ${text}]\r\n`)
}

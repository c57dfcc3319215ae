import { spawnSync } from 'node:child_process'
import { StringDecoder } from 'node:string_decoder'
import type { Command } from 'commander'
import { run } from '../action.ts'
import { EscapeReader, escapeHelp } from '../console/escape.ts'
import { Notes } from '../console/notes.ts'
import type { ConsoleState } from '../console/stream.ts'
import { describe } from '../console/words.ts'
import { exitCodes } from '../failure.ts'

export function consoleCommand(program: Command): void {
  program
    .command('console')
    .argument('<host>')
    .description("a host's serial console; ~. after Enter ends it, ~? lists what else")
    .option('--take', 'type at once, whoever types now')
    .option('--watch', 'only watch: keys are not sent')
    .action(
      run<{ take?: boolean; watch?: boolean }>(async (session, options, host = '') => {
        const notes = new Notes(session)
        let state: ConsoleState | null = null
        // no other command has a use for WebSockets, and each starts sooner without
        const { openConsoleStream } = await import('../console/stream.ts')
        const stream = await openConsoleStream(session, host, {
          data: (bytes) => notes.print(bytes),
          state: (told) => {
            state = told
            notes.say(describe(told))
          },
        })
        if (options.take) stream.take()
        const reader = new EscapeReader()
        const decoder = new StringDecoder('utf8')
        const keys = (chunk: Buffer) => {
          for (const part of reader.read(decoder.write(chunk))) {
            if (typeof part !== 'string') command(part.command)
            else if (options.watch) notes.ring()
            else {
              stream.send(part)
              if (!reaches(state)) notes.ring()
            }
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
          notes.say((await stream.ended) || 'ended')
          return exitCodes.ok
        } finally {
          restore()
          if (late) clearTimeout(late)
        }
      }),
    )
}

/** Do keys get to the machine? */
function reaches(state: ConsoleState | null): boolean {
  if (state === null || state.line.state !== 'open') return false
  return state.writing || (state.writer === null && state.mayWrite)
}

/** In a terminal every key goes to the machine, Ctrl-C too. Elsewhere stdin is sent as it comes, and its end ends nothing. */
function rawKeys(onKeys: (chunk: Buffer) => void, onInterrupt: () => void): () => void {
  const { stdin } = process
  if (stdin.isTTY) {
    stdin.setRawMode(true)
    // Node leaves "\n becomes \r\n" on, with which the machine's full-screen programs step to the wrong column
    spawnSync('stty', ['-opost'], { stdio: ['inherit', 'ignore', 'ignore'] })
  } else process.once('SIGINT', onInterrupt)
  stdin.on('data', onKeys)
  stdin.resume()
  return () => {
    stdin.off('data', onKeys)
    stdin.pause()
    if (stdin.isTTY) stdin.setRawMode(false)
    process.removeListener('SIGINT', onInterrupt)
  }
}

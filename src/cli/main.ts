import { CommanderError } from 'commander'
import { CliFailure, describeFailure, exitCodes } from './failure.ts'
import { hoistGlobals } from './globals.ts'
import { createProgram } from './program.ts'
import { cliVersion } from './version.ts'

/** Runs on import: bin/ferrule does nothing else. */
async function main(argv: readonly string[]): Promise<void> {
  try {
    await createProgram(cliVersion()).parseAsync(hoistGlobals(argv), { from: 'user' })
  } catch (error) {
    process.exitCode = tell(error, wantsJson(argv))
  }
}

function tell(error: unknown, json: boolean): number {
  if (error instanceof CommanderError) {
    // commander has printed its own words already
    if (error.exitCode === 0) return exitCodes.ok
    if (json) printError(error.message, null)
    return exitCodes.refused
  }
  if (error instanceof CliFailure) {
    process.stderr.write(describeFailure(error))
    if (json) printError(error.message, error.details, error)
    return error.exitCode
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
  process.stderr.write(`error: ${text}\nThis is a fault of ferrule itself: please report it.\n`)
  if (json) printError('a fault of ferrule itself', null)
  return exitCodes.failed
}

/** One document on stdout in any case, so that a machine need not guess whether there is one. */
function printError(detail: string, problem: unknown, failure?: CliFailure): void {
  const error = problem ?? { detail, remedy: failure?.remedy ?? '', where: failure?.where ?? '' }
  process.stdout.write(`${JSON.stringify({ error }, null, 2)}\n`)
}

function wantsJson(argv: readonly string[]): boolean {
  return argv.some(
    (word, at) => word === '--output=json' || (word === 'json' && /^(-o|--output)$/.test(argv[at - 1] ?? '')),
  )
}

// whoever reads has read enough ("ferrule host list | head -1"): it ends as SIGPIPE ends any program, 128 + 13. It says
// nothing of how what was asked for went, for that was cut short.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
  process.exit(141)
})
await main(process.argv.slice(2))

import type { Command } from 'commander'
import { type ExitCode, exitCodes } from './failure.ts'
import { openSession, type Session } from './session.ts'

/**
 * Adapts a command's work to commander: options first, then the arguments; what it returns is the exit status. The
 * process ends by itself once everything is written.
 */
export function run<Options>(
  work: (session: Session, options: Options, ...args: string[]) => Promise<ExitCode | undefined>,
): (...given: unknown[]) => Promise<void> {
  return async (...given) => {
    // commander calls with (…arguments, options, command)
    const command = given.at(-1) as Command
    const args = given.slice(0, -2) as string[]
    process.exitCode = (await work(openSession(command), command.opts() as Options, ...args)) ?? exitCodes.ok
  }
}

/** For options that may be given several times. */
export function collect(value: string, before: string[] = []): string[] {
  return [...before, value]
}

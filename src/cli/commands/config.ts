import type { Command } from 'commander'
import { run } from '../action.ts'
import { exitCodes } from '../failure.ts'
import { printJson } from '../output.ts'

export function configCommands(program: Command): void {
  const config = program.command('config').description('the configuration file of a controller')
  config
    .command('check')
    .argument('[file]', 'ferrule.yaml; FERRULE_CONFIG or the defaults if absent')
    .description('name every fault with its path; asks no controller')
    .action(
      run(async (session, _options, file) => {
        // the one thing here that is no call of the API: a controller with a faulty file cannot be asked
        const { checkConfig } = await import('../../config/load.ts')
        const { faults } = checkConfig(file === undefined ? {} : { file })
        if (session.json) printJson(session, { ok: faults.length === 0, faults })
        else if (faults.length === 0) session.out('the configuration is right\n')
        else
          for (const { path, problem, seen, remedy } of faults)
            session.err(`error: ${problem}\nwhere: ${path}\nseen:  ${seen}\ndo:    ${remedy}\n`)
        return faults.length === 0 ? exitCodes.ok : exitCodes.refused
      }),
    )
}

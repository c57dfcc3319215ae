import { type Command, Option } from 'commander'
import { run } from '../action.ts'
import { type Schemas, take } from '../client.ts'
import { printFields, when } from '../output.ts'

type Host = Schemas['Host']

export function hostPowerCommands(host: Command, fields: (host: Host) => Record<string, string>): void {
  host
    .command('set')
    .argument('<host>')
    .description('change what is done when its power is not as it should be')
    .addOption(
      new Option('--power-policy <policy>', 'report: tell; enforce: start, stop or erase it')
        .choices(['report', 'enforce'])
        .makeOptionMandatory(),
    )
    .action(
      run<{ powerPolicy: Host['powerPolicy'] }>(async (session, { powerPolicy }, key = '') => {
        const changed = await take(
          session.client.PATCH('/api/v1/hosts/{key}', { params: { path: { key } }, body: { powerPolicy } }),
        )
        printFields(session, changed, fields)
        return undefined
      }),
    )
}

/** "on at 10:01", or why it is not known and what was seen last. */
export function describePower({ state, at, lastKnown, failure }: Host['power']): string {
  const now = at === null ? state : `${state} at ${when(at)}`
  const last =
    state === 'unknown' && lastKnown ? `, last seen ${lastKnown.state} at ${when(lastKnown.at)}` : ''
  const why = failure ? `\n${failure.message}` : ''
  const next = failure?.nextLook ? `\nlooked at again at ${when(failure.nextLook)}` : ''
  return `${now}${last}${why}${next}`
}

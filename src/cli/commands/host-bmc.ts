import type { Command } from 'commander'
import { run } from '../action.ts'
import { take } from '../client.ts'
import { printFields } from '../output.ts'
import { type BmcOptions, bmcOf, bmcOptions } from './bmc-options.ts'
import { fields } from './host.ts'

/** How a host's BMC is reached, and a person's word where it cannot be. */
export function hostBmcCommands(host: Command): void {
  host
    .command('trust')
    .argument('<host>')
    .argument('<fingerprint>', 'SHA-256, as the error shows it and as the BMC itself does')
    .description("trust the certificate of a host's BMC, and no other")
    .action(
      run(async (session, _options, key = '', fingerprint = '') => {
        const changed = await take(
          session.client.POST('/api/v1/hosts/{key}/trust', {
            params: { path: { key } },
            body: { fingerprint },
          }),
        )
        printFields(session, changed, fields)
        return undefined
      }),
    )
  bmcOptions(
    host.command('set-bmc').argument('<host>').description("change how a host's BMC is reached"),
  ).action(
    run<BmcOptions>(async (session, options, key = '') => {
      const changed = await take(
        session.client.PATCH('/api/v1/hosts/{key}/bmc', {
          params: { path: { key } },
          body: await bmcOf(options, false),
        }),
      )
      printFields(session, changed, fields)
      return undefined
    }),
  )
  host
    .command('confirm-power')
    .argument('<host>')
    .addArgument(host.createArgument('<state>', 'what is so').choices(['on', 'off']))
    .description('your word: this host is on, or off (protocol manual)')
    .action(
      run(async (session, _options, key = '', state = '') => {
        const changed = await take(
          session.client.POST('/api/v1/hosts/{key}/confirm-power', {
            params: { path: { key } },
            body: { power: state === 'on' ? 'on' : 'off' },
          }),
        )
        printFields(session, changed, fields)
        return undefined
      }),
    )
  host
    .command('confirm-boot-device')
    .argument('<host>')
    .addArgument(host.createArgument('<device>', 'what is so').choices(['network', 'disk']))
    .description('your word: this host boots from the network, or from its disk (protocols manual and maas)')
    .action(
      run(async (session, _options, key = '', device = '') => {
        const changed = await take(
          session.client.POST('/api/v1/hosts/{key}/confirm-boot-device', {
            params: { path: { key } },
            body: { bootDevice: device === 'disk' ? 'disk' : 'network' },
          }),
        )
        printFields(session, changed, fields)
        return undefined
      }),
    )
}

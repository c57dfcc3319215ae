import type { Command } from 'commander'
import { run } from '../action.ts'
import { type Schemas, take } from '../client.ts'
import {
  type DeployOptions,
  eraseOption,
  reinstallBody,
  toNewInstance,
  withDeployOptions,
} from '../deploy-options.ts'
import { printJson } from '../output.ts'
import type { Session } from '../session.ts'

type Plan = Schemas['Plan']

export function planCommands(program: Command): void {
  const plan = program.command('plan').description('what would be done, without doing any of it')
  withDeployOptions(plan.command('deploy').argument('<name>'))
    .description(
      'what a deploy would do, and on which host; its fingerprint is for "instance deploy --expect-plan"',
    )
    .action(
      run<DeployOptions>(async (session, options, name = '') => {
        print(
          session,
          await take(session.client.POST('/api/v1/plans/deploy', { body: toNewInstance(name, options) })),
        )
        return undefined
      }),
    )
  plan
    .command('destroy')
    .argument('<instance>')
    .description('what a destroy would do')
    .addOption(eraseOption())
    .action(
      run<{ erase?: 'full' | 'secure' | 'quick' }>(async (session, { erase }, instance = '') => {
        const body = { instance, ...(erase === undefined ? {} : { erase }) }
        print(session, await take(session.client.POST('/api/v1/plans/destroy', { body })))
        return undefined
      }),
    )
  plan
    .command('reinstall')
    .argument('<instance>')
    .description('what a reinstall would do')
    .option('--template <template>', 'name or id of another template')
    .addOption(eraseOption('how the old system is erased'))
    .action(
      run<{ template?: string; erase?: DeployOptions['erase'] }>(
        async (session, { template, erase }, instance = '') => {
          const body = { instance, ...reinstallBody(template, erase) }
          print(session, await take(session.client.POST('/api/v1/plans/reinstall', { body })))
          return undefined
        },
      ),
    )
  plan
    .command('heal')
    .argument('<host>')
    .description('what a heal would do')
    .option('--power', 'also switch it on or off')
    .action(
      run<{ power?: boolean }>(async (session, { power }, host = '') => {
        const body = { host, ...(power ? { power } : {}) }
        print(session, await take(session.client.POST('/api/v1/plans/heal', { body })))
        return undefined
      }),
    )
}

function print(session: Session, plan: Plan): void {
  if (session.json) {
    printJson(session, plan)
    return
  }
  const say = (text: string): void => session.out(`${text}\n`)
  for (const { message, remedy, code } of plan.refusals) say(`refused: ${message} (${code})\n  do: ${remedy}`)
  say(`host: ${plan.host ?? 'none'}`)
  for (const one of plan.choice?.runnersUp ?? []) say(`  not ${one.host}: ${one.reasons.join('; ')}`)
  for (const one of plan.choice?.refused ?? []) say(`  not ${one.host}: ${one.reasons.join('; ')}`)
  if (plan.bond) say(`bond: ${plan.bond.mode} of ${plan.bond.members.join(', ')} with MAC ${plan.bond.mac}`)
  for (const port of plan.ports) {
    say(`switch ${port.switch} port ${port.port} (${port.nic}): ${port.before} -> ${port.after}`)
    for (const line of port.lines) say(`  ${line}`)
    if (port.saves) say('  and the configuration is saved')
  }
  if (plan.maas.length > 0) say(`MAAS:\n${indented(plan.maas)}`)
  if (plan.host !== null && plan.bmc.length > 0) say(`BMC:\n${indented(plan.bmc)}`)
  const minutes = plan.expectedMinutes > 0 ? `; about ${plan.expectedMinutes} minutes` : ''
  if (plan.diskLayout !== null) say(`disk layout: ${plan.diskLayout}`)
  if (plan.erase !== null) say(`erase: ${plan.erase}${minutes}`)
  if (plan.action === 'heal' && plan.refusals.length === 0 && plan.ports.length + plan.bmc.length === 0)
    say('nothing to do')
  if (plan.fingerprint !== null) say(`fingerprint: ${plan.fingerprint}`)
}

function indented(lines: readonly string[]): string {
  return lines.map((line) => `  ${line}`).join('\n')
}

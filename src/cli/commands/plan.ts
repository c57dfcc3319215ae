import type { Command } from 'commander'
import { run } from '../action.ts'
import { type Schemas, take } from '../client.ts'
import { type DeployOptions, eraseOption, toNewInstance, withDeployOptions } from '../deploy-options.ts'
import { printJson } from '../output.ts'
import type { Session } from '../session.ts'

type Plan = Schemas['Plan']

export function planCommands(program: Command): void {
  const plan = program.command('plan').description('what would be done, without doing any of it')
  withDeployOptions(plan.command('deploy').argument('<name>'))
    .description('what a deploy would do, and on which host')
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
  }
  if (plan.maas.length > 0) say(`MAAS:\n${indented(plan.maas)}`)
  if (plan.host !== null) say(`BMC:\n${indented(plan.bmc)}`)
  say(`erase: ${plan.erase}${plan.expectedMinutes > 0 ? `; about ${plan.expectedMinutes} minutes` : ''}`)
}

function indented(lines: readonly string[]): string {
  return lines.map((line) => `  ${line}`).join('\n')
}

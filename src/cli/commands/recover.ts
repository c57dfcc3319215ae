import type { Command } from 'commander'
import { run } from '../action.ts'
import { type Schemas, take } from '../client.ts'
import { type ExitCode, exitCodes } from '../failure.ts'
import { printJson } from '../output.ts'
import type { Session } from '../session.ts'

type Plan = Schemas['RecoveryPlan']

export function recoverCommand(program: Command): void {
  program
    .command('recover')
    .description('after a restored database: show what the records would be rebuilt to, then confirm it')
    .option(
      '--confirm <fingerprint>',
      'record exactly what was shown under this fingerprint, and begin to work',
    )
    .action(
      run<{ confirm?: string }>(async (session, { confirm }): Promise<ExitCode> => {
        if (confirm === undefined) return show(session)
        return record(session, confirm)
      }),
    )
}

async function show(session: Session): Promise<ExitCode> {
  const { needed, reason, plan } = await take(session.client.GET('/api/v1/recovery'))
  if (session.json) printJson(session, { needed, reason, plan })
  else if (!needed || !plan) session.out('nothing to recover: the database is not older than the world\n')
  else {
    session.out(`${reason}\n`)
    session.out('This is what would be recorded. Nothing on any device is changed by it.\n')
    tell(session, plan)
    session.out(`\nTo record it: ferrule recover --confirm ${plan.fingerprint}\n`)
  }
  return exitCodes.ok
}

async function record(session: Session, fingerprint: string): Promise<ExitCode> {
  const { plan, left, reason } = await take(
    session.client.POST('/api/v1/recovery', { body: { fingerprint } }),
  )
  if (session.json) printJson(session, { plan, left, reason })
  else {
    const count = (verdict: Plan['hosts'][number]['verdict']) =>
      plan.hosts.filter((one) => one.verdict === verdict).length
    session.out(
      `recorded: ${count('as-recorded')} hosts as they were, ${count('rebuilt')} rebuilt, ${count('attention')} with attention; operations go on at ${plan.numbers.next}\n`,
    )
    session.out(left ? 'recovery mode is over: work has begun\n' : `work has not begun: ${reason}\n`)
  }
  return left ? exitCodes.ok : exitCodes.failed
}

function tell(session: Session, plan: Plan): void {
  const say = (text: string): void => session.out(`${text}\n`)
  for (const { host, verdict, records, world, changes } of plan.hosts) {
    say(`\n${host}: ${words[verdict]}`)
    say(`  records  ${records}`)
    say(`  world    ${world.join('\n           ')}`)
    if (changes.length > 0) say(`  record   ${changes.join('\n           ')}`)
  }
  if (plan.instances.length > 0) say('\ninstances that no host carries')
  for (const { instance, from, to } of plan.instances) say(`  ${instance}: ${from} -> ${to}`)
  if (plan.operations.length > 0)
    say('\noperations that are lost: neither finished nor undone, and never run again')
  for (const { number, kind, host, instance } of plan.operations)
    say(`  ${[`${kind} ${number}`, instance, host].filter((part) => part !== null).join(', ')}`)
  for (const note of plan.notes) say(`\nnote: ${note}`)
  say(`\nNew operations go on at number ${plan.numbers.next}.`)
}

const words: Record<Plan['hosts'][number]['verdict'], string> = {
  'as-recorded': 'as recorded',
  rebuilt: 'rebuilt',
  attention: 'ATTENTION, not used until somebody has looked',
}

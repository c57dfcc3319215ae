import type { SwitchLease } from '../../../domain/lease.ts'
import { refused, swallowed } from './errors.ts'
import type { CliProfile, SeenConfig, SeenPort, Step } from './profile.ts'
import type { CliSession } from './session.ts'

/** One step of one port. */
export interface Due {
  port: string
  step: Step
}

/**
 * Types configuration lines, the lease proven right before each: on most switches each counts at once.
 * @throws switch-refused at the first that the switch rejects, switch-mismatch (what would be committed is not what was
 * typed), switch-unreachable, lease-lost
 */
export async function configure(
  session: CliSession,
  profile: CliProfile,
  due: readonly Due[],
  lease: SwitchLease,
  address: string,
): Promise<void> {
  const { enter, leave, commit } = profile.configure
  const { signal } = lease
  for (const line of enter) await session.run(line, 'config', signal)
  for (const line of due.flatMap(({ step }) => step.lines)) {
    await lease.check()
    await session.run(line.trim(), 'config', signal)
    if (profile.status) {
      const answer = (await session.run(profile.status.command, 'config', signal)).trim()
      if (!profile.status.good.test(answer)) {
        throw refused(address, line.trim(), `exit status ${answer.slice(0, 20)}`)
      }
    }
  }
  if (commit) {
    const answers: string[] = []
    for (const command of commit.candidate) answers.push(await session.run(command, 'config', signal))
    const missing = unproven(due, profile.read.parse(answers))
    if (missing.length > 0) throw swallowed(address, missing)
    await lease.check()
    const answer = await session.run(commit.command, 'config', signal)
    if (!commit.done.test(answer)) throw refused(address, commit.command, 'it does not say that it is done')
  }
  for (const line of leave) await session.run(line, 'exec', signal)
}

/** The lines of the steps that a configuration does not show. */
export function unproven(due: readonly Due[], { ports, vlans }: SeenConfig): string[] {
  return due.flatMap(({ port, step }) => {
    const created = (step.vlans ?? []).every((vlan) => vlans.has(vlan))
    return created && shows(ports.get(port), step.settings ?? {}) ? [] : step.lines
  })
}

function shows(seen: SeenPort | undefined, wanted: NonNullable<Step['settings']>): boolean {
  if (!seen) return false
  return Object.entries(wanted).every(([name, value]) => {
    // Object.entries forgets which names a record has
    const now: unknown = seen.settings[name as keyof typeof wanted]
    return JSON.stringify(now) === JSON.stringify(value)
  })
}

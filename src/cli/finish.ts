import type { Schemas } from './client.ts'
import { formatDuration } from './duration.ts'
import { type ExitCode, exitCodes } from './failure.ts'
import { printJson } from './output.ts'
import type { Session } from './session.ts'
import { exitCodeOf, readOperation, type Watched, watchOperation } from './watch.ts'

export interface Finish<Thing> {
  /** What the operation is about, as it is now; asked for again after waiting. */
  thing: () => Promise<Thing>
  /** End states that are what was asked for. */
  wanted?: readonly string[]
}

/** The end of every command that started an operation: wait and show, or only say where it is. */
export async function finish<Thing extends object>(
  session: Session,
  started: Pick<Schemas['Operation'], 'id' | 'number' | 'kind'>,
  { thing, wanted = ['succeeded'] }: Finish<Thing>,
): Promise<ExitCode> {
  if (!session.wait) {
    if (session.json)
      printJson(session, { ...(await thing()), operation: await readOperation(session, started.id) })
    else
      session.out(
        `${started.kind} ${started.number} has begun; follow it with: ferrule operation watch ${started.number}\n`,
      )
    return exitCodes.ok
  }
  session.err(`${started.kind} ${started.number}\n`)
  const watched = await watchOperation(session, started.id)
  if (session.json) {
    // an enlistment that was undone leaves no host
    const now = await thing().catch(() => ({}))
    printJson(session, { ...now, operation: watched.operation })
  }
  tellEnd(session, watched)
  return exitCodeOf(watched, wanted)
}

export function tellEnd(session: Session, { operation, end }: Watched): void {
  const name = `${operation.kind} ${operation.number}`
  const say = session.json ? session.err : session.out
  if (end === 'ended') {
    const took =
      Date.parse(operation.endedAt ?? operation.createdAt) -
      Date.parse(operation.startedAt ?? operation.createdAt)
    say(`${name} ${operation.state} after ${formatDuration(took)}\n`)
    if (operation.error && operation.state !== 'succeeded')
      session.err(
        `error: ${operation.error.message} (${operation.error.code})\ndo:    ${operation.error.remedy}\n`,
      )
    return
  }
  if (end === 'parked' && operation.parked) {
    const { step, title, attempts, error, skip } = operation.parked
    const choice =
      skip === null
        ? ''
        : `or:    ferrule operation skip ${operation.number} ${step} --reason …\n       ${skip}\n`
    session.err(
      `${name} is parked at "${title}" after ${attempts} attempts; it goes on trying\nerror: ${error.message} (${error.code})\ndo:    ${error.remedy}\n${choice}`,
    )
    return
  }
  session.err(`${name} is still running; follow it with: ferrule operation watch ${operation.number}\n`)
}

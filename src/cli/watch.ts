import { setTimeout as pause } from 'node:timers/promises'
import { type Schemas, take } from './client.ts'
import { CliFailure, type ExitCode, exitCodes } from './failure.ts'
import { Progress } from './progress.ts'
import type { Session } from './session.ts'
import { readServerEvents } from './sse-reader.ts'

export type WatchedOperation = Schemas['OperationWithSteps']

const pollMs = 500
/** A controller that restarts is waited for this long before it counts as unreachable. */
const longestSilenceMs = 30_000

export interface Watched {
  operation: WatchedOperation
  /** Why waiting ended. */
  end: 'ended' | 'parked' | 'timeout' | 'interrupted'
}

/** Follows an operation until it ends, parks, or the waiting is cut short; the operation itself is never touched. */
export async function watchOperation(session: Session, id: string): Promise<Watched> {
  const progress = new Progress(session)
  const stop = new AbortController()
  let cut: 'timeout' | 'interrupted' = 'timeout'
  const interrupt = (): void => {
    cut = 'interrupted'
    stop.abort()
  }
  process.once('SIGINT', interrupt)
  const timer = session.timeout === null ? null : setTimeout(() => stop.abort(), session.timeout)
  let operation = await readOperation(session, id)
  try {
    for await (const next of follow(session, id, stop.signal, (note) => progress.note(note))) {
      operation = next
      progress.show(operation)
      if (operation.endedAt !== null) return { operation, end: 'ended' }
      if (operation.state === 'parked') return { operation, end: 'parked' }
    }
    return { operation, end: cut }
  } finally {
    progress.end()
    if (timer) clearTimeout(timer)
    process.removeListener('SIGINT', interrupt)
  }
}

/** The stream, again and again until told to stop; where there is none (a proxy that holds it back), plain polling. */
async function* follow(
  session: Session,
  id: string,
  signal: AbortSignal,
  onNote: (message: string) => void,
): AsyncGenerator<WatchedOperation> {
  let silentSince: number | null = null
  while (!signal.aborted) {
    try {
      for await (const operation of stream(session, id, signal, onNote)) {
        silentSince = null
        yield operation
      }
      if (!signal.aborted) yield await readOperation(session, id)
      silentSince = null
    } catch (error) {
      if (signal.aborted) return
      if (error instanceof CliFailure && error.exitCode !== exitCodes.unreachable) throw error
      silentSince ??= Date.now()
      if (Date.now() - silentSince > longestSilenceMs) throw error
    }
    await pause(pollMs, undefined, { signal }).catch(() => undefined)
  }
}

async function* stream(
  session: Session,
  id: string,
  signal: AbortSignal,
  onNote: (message: string) => void,
): AsyncGenerator<WatchedOperation> {
  const answer = await fetch(`${session.url}/api/v1/operations/${id}/events`, {
    headers: { authorization: `Bearer ${session.token ?? ''}` },
    signal,
  })
  if (!answer.ok || !answer.body) {
    await answer.body?.cancel()
    return
  }
  for await (const { event, data } of readServerEvents(answer.body)) {
    if (event === 'operation') yield data as WatchedOperation
    if (event === 'event' && isNote(data)) onNote(data.message)
  }
}

function isNote(data: unknown): data is { message: string } {
  return (
    typeof data === 'object' &&
    data !== null &&
    'kind' in data &&
    data.kind === 'operation.note' &&
    'message' in data &&
    typeof data.message === 'string'
  )
}

export function readOperation(session: Session, key: string): Promise<WatchedOperation> {
  return take(session.client.GET('/api/v1/operations/{key}', { params: { path: { key } } }))
}

/** @param wanted end states that are what was asked for: cancelled is a success of "operation cancel". */
export function exitCodeOf(watched: Watched, wanted: readonly string[]): ExitCode {
  if (watched.end === 'parked') return exitCodes.parked
  if (watched.end !== 'ended') return exitCodes.stillRunning
  return wanted.includes(watched.operation.state) ? exitCodes.ok : exitCodes.failed
}

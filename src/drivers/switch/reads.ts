import { setTimeout as sleep } from 'node:timers/promises'
import { FerruleError } from '../../domain/errors.ts'

/** Pauses before the second and third try of a read. Writes are never repeated: their outcome is read instead. */
export const defaultReadRetryMs: readonly number[] = [200, 1_000]

/**
 * Tries a read again when the switch was out of reach or had a fault of its own (HTTP 5xx). Ends with lease-lost as
 * soon as `signal` fires; the abandoned request runs into its own time-out.
 */
export async function readAgain<T>(
  read: () => Promise<T>,
  pauses: readonly number[],
  signal?: AbortSignal,
): Promise<T> {
  for (const pause of pauses) {
    try {
      return await unlessAborted(read(), signal)
    } catch (error) {
      if (!mayPass(error)) throw error
      await unlessAborted(sleep(pause), signal)
    }
  }
  return unlessAborted(read(), signal)
}

function mayPass(error: unknown): boolean {
  if (!(error instanceof FerruleError)) return false
  // its breaker has spoken, not the switch
  if (error.details.resting === true) return false
  return error.code === 'switch-unreachable' || Number(error.details.httpStatus ?? 0) >= 500
}

async function unlessAborted<T>(work: Promise<T>, signal?: AbortSignal): Promise<T> {
  if (!signal) return work
  let aborted: (() => void) | undefined
  const abort = new Promise<never>((_resolve, reject) => {
    aborted = () =>
      reject(
        new FerruleError(
          'lease-lost',
          'The lease on a switch was lost while it was being read',
          'The operation that holds it now, or a repeat of this one, brings the ports to their wanted state.',
        ),
      )
    if (signal.aborted) aborted()
    else signal.addEventListener('abort', aborted, { once: true })
  })
  try {
    return await Promise.race([work, abort])
  } finally {
    if (aborted) signal.removeEventListener('abort', aborted)
    work.catch(() => {})
  }
}

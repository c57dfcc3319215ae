import { ApiError, INTERNAL } from '../api/api-error.ts'
import { ServerGone } from '../cloud.ts'
import type { CloudState, Job } from '../state.ts'

/** How many jobs are remembered once they are over. */
const KEPT = 500

interface Books {
  state: CloudState
  newId(): string
  now(): string
  touch(): void
}

/** Runs `work` as a job, whose outcome queryAsyncJobResult tells. */
export function startJob(
  books: Books,
  command: string,
  about: { id?: string; type?: string },
  work: () => Promise<unknown>,
): Job {
  const job: Job = {
    id: books.newId(),
    command,
    status: 0,
    result: null,
    resultCode: 0,
    instanceType: about.type ?? null,
    instanceId: about.id ?? null,
    created: books.now(),
    completed: null,
  }
  books.state.jobs.push(job)
  if (books.state.jobs.length > KEPT) books.state.jobs.shift()
  books.touch()
  work().then(
    (result) => endJob(books, job, 1, 0, result),
    (error: unknown) => {
      // The server that ran it is no more; the next one has ended the job already.
      if (error instanceof ServerGone) return
      const code = error instanceof ApiError ? error.code : INTERNAL
      endJob(books, job, 2, code, {
        errorcode: code,
        errortext: error instanceof Error ? error.message : String(error),
      })
    },
  )
  return job
}

function endJob(books: Books, job: Job, status: 1 | 2, resultCode: number, result: unknown): void {
  Object.assign(job, { status, resultCode, result, completed: books.now() })
  books.touch()
}

/** Jobs of a server that was killed end so, by the word of the next one. */
export function cancelJobs(books: Books): void {
  for (const job of books.state.jobs) {
    if (job.status !== 0) continue
    endJob(books, job, 2, INTERNAL, {
      errorcode: INTERNAL,
      errortext: 'job cancelled because of management server restart or shutdown',
    })
  }
}

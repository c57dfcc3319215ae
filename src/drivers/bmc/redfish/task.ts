import { z } from 'zod'
import type { FerruleError } from '../../../domain/errors.ts'
import { type Answer, retryAfter } from './ask.ts'
import type { RedfishClient } from './client.ts'
import { refused } from './errors.ts'
import { messageList, messagesOf } from './messages.ts'
import { wait } from './options.ts'
import { pathOfLocation } from './uri.ts'
import { text } from './wire.ts'

const taskSchema = z.object({
  TaskState: text,
  TaskMonitor: text,
  '@odata.id': text,
  Messages: messageList.prefault([]),
})

type Task = z.output<typeof taskSchema>

const failed: ReadonlySet<string> = new Set(['Exception', 'Killed', 'Cancelled', 'Interrupted'])

/**
 * Follows what a 202 has begun (DSP0266 §12.2) to its end, or for as long as a task may take: whoever began it looks
 * at the state afterwards in any case, so that a task without an end, or one that is forgotten by its BMC, is no
 * failure. One that ends badly is, with its own words.
 */
export async function followTask(client: RedfishClient, begun: Answer, what: string): Promise<void> {
  if (begun.status !== 202) return
  const task = taskOf(begun)
  if (isOver(client, task, what)) return
  const monitor = monitorOf(client, begun, task)
  if (monitor === undefined) return
  let path = monitor
  let last = begun
  for (let waited = 0; waited < client.settings.taskSeconds; ) {
    const pause = Math.max(0.5, retryAfter(last.headers, 1))
    await wait(client.settings, pause)
    waited += pause
    last = await client.request({ method: 'GET', path, what: `tell how far it is (asked to ${what})` })
    if (last.status === 303) {
      const next = pathOfLocation(last.headers.location ?? '', client.base)
      if (next === undefined) return
      path = next
      continue
    }
    if (last.status === 404 || last.status === 410) return
    if (last.status >= 400) throw refused(client.address, what, last.status, messagesOf(last.json))
    const now = taskOf(last)
    if (isOver(client, now, what)) return
    // A monitor that says neither 202 nor a task has given the action's own answer.
    if (last.status !== 202 && now?.TaskState == null) return
  }
}

function taskOf(answer: Answer): Task | undefined {
  const parsed = taskSchema.safeParse(answer.json)
  return parsed.success ? parsed.data : undefined
}

/** @throws bmc-refused if it ended badly */
function isOver(client: RedfishClient, task: Task | undefined, what: string): boolean {
  if (task === undefined || task.TaskState === null) return false
  if (failed.has(task.TaskState)) throw badEnd(client, task, what)
  return task.TaskState === 'Completed'
}

function badEnd(client: RedfishClient, task: Task, what: string): FerruleError {
  const state = { id: '', text: `its task ended as ${task.TaskState ?? 'unknown'}.` }
  return refused(client.address, what, 202, [state, ...task.Messages])
}

function monitorOf(client: RedfishClient, begun: Answer, task: Task | undefined): string | undefined {
  const { location } = begun.headers
  const told = location ?? task?.TaskMonitor ?? (task?.TaskState == null ? undefined : task['@odata.id'])
  return told == null ? undefined : pathOfLocation(told, client.base)
}

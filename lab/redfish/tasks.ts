import type { RedfishDials } from './dials.ts'

export interface Task {
  readonly id: string
  readonly name: string
  /** Milliseconds since 1970. */
  readonly started: number
  /** Milliseconds of the steady clock. */
  readonly begun: number
  readonly takesMs: number
  readonly hangs: boolean
}

/** So many are remembered. */
const KEPT = 20

/** Work that goes on after its request has been answered. */
export class Tasks {
  private readonly tasks: Task[] = []
  private readonly now: () => number
  private lastId = 0

  constructor(now: () => number) {
    this.now = now
  }

  begin(name: string, started: number, dials: RedfishDials): Task {
    this.lastId += 1
    const task = {
      id: String(this.lastId),
      name,
      started,
      begun: this.now(),
      takesMs: dials.taskMs,
      hangs: dials.tasksHang,
    }
    this.tasks.push(task)
    if (this.tasks.length > KEPT) this.tasks.shift()
    return task
  }

  all(): readonly Task[] {
    return this.tasks
  }

  find(id: string): Task | undefined {
    return this.tasks.find((task) => task.id === id)
  }

  remove(id: string): void {
    const at = this.tasks.findIndex((task) => task.id === id)
    if (at >= 0) this.tasks.splice(at, 1)
  }

  done(task: Task): boolean {
    return !task.hangs && this.now() - task.begun >= task.takesMs
  }
}

import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Answer, Job, Message } from './script-runner.mjs'

export interface Ran {
  exit: number
  stdout: string
  stderr: string
}

const RUNNER = fileURLToPath(new URL('./script-runner.mjs', import.meta.url))

/** The program that runs a script, by its first line: sh, bash or python3. */
export function interpreterOf(script: string): string {
  const first = script.slice(0, script.indexOf('\n') + 1 || undefined)
  if (!first.startsWith('#!')) return 'sh'
  return /\b(python3|bash)\b/.exec(first)?.[1] ?? 'sh'
}

/**
 * Runs a program in a process group of its own and ends the whole group with it, so that nothing that a script left
 * in the background outlives it. Rejects with the signal's reason when it aborts; a program that takes longer than
 * `timeoutMs` of real time ends with exit 124, as under timeout(1).
 */
export async function run(
  command: string,
  args: string[],
  options: { cwd: string; env: Record<string, string>; signal: AbortSignal; timeoutMs: number; uid?: number },
): Promise<Ran> {
  const { signal, ...rest } = options
  signal.throwIfAborted()
  runner ??= new Runner()
  return runner.run({ command, args, ...rest }, signal)
}

/** One for this process, from the first script on. */
let runner: Runner | undefined

/** Our end of the process that starts scripts. It does not keep this process alive, but while a script runs. */
class Runner {
  private readonly child: ChildProcess
  private readonly waiting = new Map<number, (answer: Answer) => void>()
  private last = 0

  constructor() {
    this.child = fork(RUNNER, [], { execArgv: [], stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
    this.child.unref()
    this.child.channel?.unref()
    this.child.on('message', (answer: Answer) => this.waiting.get(answer.id)?.(answer))
    const gone = (why: string) => {
      if (runner === this) runner = undefined
      for (const [id, tell] of this.waiting) tell({ id, error: `the process that runs scripts ${why}` })
    }
    this.child.on('error', (error) => gone(`cannot be started or reached: ${error.message}`))
    this.child.on('exit', (code, by) => gone(`has ended (${by ?? code})`))
  }

  async run(job: Omit<Job, 'id'>, signal: AbortSignal): Promise<Ran> {
    const id = ++this.last
    const abort = () => this.send({ abort: id })
    if (this.waiting.size === 0) this.child.channel?.ref()
    signal.addEventListener('abort', abort, { once: true })
    const answer = await new Promise<Answer>((resolve) => {
      this.waiting.set(id, resolve)
      this.send({ id, ...job })
    })
    signal.removeEventListener('abort', abort)
    this.waiting.delete(id)
    if (this.waiting.size === 0) this.child.channel?.unref()
    signal.throwIfAborted()
    if ('error' in answer) throw new Error(`${job.command} was not run: ${answer.error}`)
    const { exit, stdout, stderr } = answer
    return { exit, stdout, stderr }
  }

  /** What cannot be sent is told by the process's end. */
  private send(message: Message): void {
    if (this.child.connected) this.child.send(message, () => {})
  }
}

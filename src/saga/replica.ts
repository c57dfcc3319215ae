import { DBOS } from '@dbos-inc/dbos-sdk'

/** What a replica's heartbeat needs of the database: implemented in store/. */
export interface Replicas {
  /** Writes our beat; false if our row is gone or was stale: somebody may have taken over what we ran. */
  beat(executor: string, refs: readonly string[], leaseMs: number): Promise<boolean>
  /** Executors with a beat younger than the lease. */
  live(leaseMs: number): Promise<Set<string>>
  leave(executor: string): Promise<void>
  /**
   * Runs `work` if no other replica is doing so now; false if one is. Whoever is silent for `mostMs` in it is not alone any
   * more: `prove` throws then.
   */
  alone(mostMs: number, work: (prove: () => Promise<void>) => Promise<void>): Promise<boolean>
  countTakeover(operationId: string): Promise<number>
}

export interface ReplicaOptions {
  executor: string
  refs: readonly string[]
  /** A replica silent for longer than this is dead to the others. Milliseconds. */
  leaseMs: number
  /** Workflow ids that this process is running now. */
  running: ReadonlySet<string>
  /** The database says that our own lease ended: stop at once, without touching any device. */
  onLeaseLost: () => void
  log: (level: 'info' | 'warn' | 'error', message: string, data: Record<string, unknown>) => void
}

/** An operation that killed this many replicas is left alone for a person to look at. */
const MAX_TAKEOVERS = 10

/**
 * Beats and takes over, in one sequential loop: a database outage makes every beat stale, so nobody reaps before its
 * own beat has been fresh and unbroken for one whole lease.
 */
export class Replica {
  private unbrokenSince: number | null = null
  private timer: NodeJS.Timeout | undefined
  private stopped = false
  private takesOver = false
  private turning: Promise<void> = Promise.resolve()
  private readonly replicas: Replicas
  private readonly options: ReplicaOptions

  constructor(replicas: Replicas, options: ReplicaOptions) {
    this.replicas = replicas
    this.options = options
  }

  /** The first beat must be written before the engine starts: else others would see our workflows as orphans. */
  async start(): Promise<void> {
    await this.replicas.beat(this.options.executor, this.options.refs, Number.POSITIVE_INFINITY)
    this.unbrokenSince = performance.now()
    this.schedule()
  }

  /** The engine's tables are there, in this version's form: before, there is nothing to look at. */
  beginTakingOver(): void {
    this.takesOver = true
  }

  async stop(): Promise<void> {
    this.stopped = true
    clearTimeout(this.timer)
    await this.turning
    await this.replicas.leave(this.options.executor).catch(() => undefined)
  }

  private schedule(): void {
    if (this.stopped) return
    this.timer = setTimeout(() => {
      this.turning = this.turn().finally(() => this.schedule())
    }, this.options.leaseMs / 4)
    this.timer.unref()
  }

  private async turn(): Promise<void> {
    const { executor, refs, leaseMs, log, onLeaseLost } = this.options
    try {
      const unbroken = await this.replicas.beat(executor, refs, leaseMs)
      if (!unbroken) {
        this.unbrokenSince = null
        onLeaseLost()
        return
      }
      this.unbrokenSince ??= performance.now()
    } catch (error) {
      this.unbrokenSince = null
      log('warn', 'the heartbeat could not be written', { error: String(error) })
      return
    }
    if (!this.takesOver || performance.now() - this.unbrokenSince < leaseMs) return
    await this.reap().catch((error: unknown) =>
      log('warn', 'taking over failed and will be tried again', { error: String(error) }),
    )
  }

  /** Level-triggered: whatever is PENDING under an executor without a fresh beat goes back to its queue. */
  private async reap(): Promise<void> {
    await this.replicas.alone(this.options.leaseMs, async (prove) => {
      const live = await this.replicas.live(this.options.leaseMs)
      const pending = await DBOS.listWorkflows({ status: 'PENDING', loadInput: false, loadOutput: false })
      const stranded = pending.filter((workflow) => {
        if (!live.has(workflow.executorId ?? '')) return true
        const ours =
          workflow.executorId === this.options.executor && !this.options.running.has(workflow.workflowID)
        return ours && Date.now() - (workflow.updatedAt ?? Date.now()) > 60_000
      })
      for (const workflow of stranded) {
        // what was read may be old by now, if this process slept
        await prove()
        await this.takeOver(workflow.workflowID, workflow.queueName)
      }
    })
  }

  private async takeOver(workflowId: string, queueName: string | undefined): Promise<void> {
    const count = await this.replicas.countTakeover(workflowId)
    if (count > MAX_TAKEOVERS) {
      this.options.log('error', 'operation has been taken over too often and is left for a person', {
        operation: workflowId,
        count,
      })
      return
    }
    // without its queue name the engine would put it on its internal queue, where other limits hold
    await DBOS.resumeWorkflows([workflowId], queueName === undefined ? undefined : { queueName })
    this.options.log('info', 'took over an operation of a dead replica', { operation: workflowId })
  }
}

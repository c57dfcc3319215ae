import { DBOS, DBOSClient } from '@dbos-inc/dbos-sdk'
import type pg from 'pg'
import type { AnySaga, Runtime } from './interpreter.ts'
import { runSaga } from './interpreter.ts'
import type { Replicas } from './replica.ts'
import { Replica } from './replica.ts'
import type { OperationRecord, Outcome, Wake } from './types.ts'

const APPLICATION = 'ferrule'
/** Pinned: the engine's own hash of the sources would strand running operations at every upgrade. */
const APPLICATION_VERSION = '1'
const QUEUE = 'operations'
const WORKFLOW = 'saga'

export interface EngineOptions<Tools> {
  databaseUrl: string
  pool: pg.Pool
  executor: string
  sagas: readonly AnySaga<Tools>[]
  runtime: Runtime<Tools>
  replicas: Replicas
  leaseMs: number
  /** How many operations one replica runs at once. */
  concurrency: number
  pollMs: number
  onLeaseLost: () => void
  log: (level: 'info' | 'warn' | 'error', message: string, data: Record<string, unknown>) => void
}

/** Starting an operation and its record are one transaction: neither exists without the other. */
export interface SagaStarter {
  start(client: pg.PoolClient, operationId: string, ref: string, record: OperationRecord): Promise<void>
  /** Ends a pause of a running operation. */
  wake(operationId: string, wake: Wake): Promise<void>
}

/** One replica of the durable engine. The engine is a singleton of its process: so is this. */
export class SagaEngine<Tools> implements SagaStarter {
  private readonly options: EngineOptions<Tools>
  private readonly running = new Set<string>()
  private readonly replica: Replica
  private client: DBOSClient | undefined

  constructor(options: EngineOptions<Tools>) {
    this.options = options
    const refs = options.sagas.map((saga) => saga.ref)
    this.replica = new Replica(options.replicas, {
      executor: options.executor,
      refs,
      leaseMs: options.leaseMs,
      running: this.running,
      onLeaseLost: options.onLeaseLost,
      log: options.log,
    })
  }

  async launch(): Promise<void> {
    const { databaseUrl, pool, executor, sagas, runtime, concurrency, pollMs, log } = this.options
    const catalogue = new Map(sagas.map((saga) => [saga.ref, saga]))
    DBOS.setConfig({
      name: APPLICATION,
      systemDatabaseUrl: databaseUrl,
      systemDatabasePool: pool,
      executorID: executor,
      applicationVersion: APPLICATION_VERSION,
      logger: quietLogger(log),
    })
    DBOS.registerWorkflow(
      async (
        ref: string,
        operationId: string,
        record?: OperationRecord,
      ): Promise<Outcome | { state: 'unknown-ref' }> => {
        const saga = catalogue.get(ref)
        // an older replica must not fail an operation of a newer one; services start only refs that every live replica knows
        if (!saga) return { state: 'unknown-ref' }
        this.running.add(operationId)
        try {
          return await runSaga(runtime, saga, operationId, record)
        } finally {
          this.running.delete(operationId)
        }
      },
      { name: WORKFLOW },
    )
    await this.replica.start()
    await DBOS.launch()
    await DBOS.registerQueue(QUEUE, { workerConcurrency: concurrency, minPollingIntervalMs: pollMs })
    this.client = await DBOSClient.create({
      systemDatabaseUrl: databaseUrl,
      systemDatabasePool: pool,
      applicationName: APPLICATION,
      logger: quietLogger(log),
    })
    this.replica.beginTakingOver()
  }

  async start(
    client: pg.PoolClient,
    operationId: string,
    ref: string,
    record: OperationRecord,
  ): Promise<void> {
    await this.engineClient().enqueueInTransaction(
      client,
      { workflowName: WORKFLOW, queueName: QUEUE, workflowID: operationId, appVersion: APPLICATION_VERSION },
      ref,
      operationId,
      record,
    )
  }

  async wake(operationId: string, wake: Wake): Promise<void> {
    await this.engineClient().send(operationId, wake, 'wake')
  }

  /** Steps under way get `graceMs` to end; the rest is taken over by another replica, or by us at the next start. */
  async shutdown(graceMs: number): Promise<void> {
    // forgotten too, so that this process may launch another replica after this one
    await DBOS.shutdown({ workflowCompletionTimeoutMS: graceMs, deregister: true })
    await this.replica.stop()
    await this.client?.destroy()
  }

  private engineClient(): DBOSClient {
    if (!this.client) throw new Error('the saga engine has not been launched')
    return this.client
  }
}

function quietLogger(
  log: (level: 'info' | 'warn' | 'error', message: string, data: Record<string, unknown>) => void,
) {
  const write = (level: 'info' | 'warn' | 'error') => (entry: unknown) =>
    log(level, 'engine', { entry: entry instanceof Error ? entry.message : String(entry) })
  return { info: () => undefined, debug: () => undefined, warn: write('warn'), error: write('error') }
}

import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { loadConfig } from './config/load.ts'
import { type Daemon, startDaemon } from './daemon.ts'
import { FerruleError } from './domain/errors.ts'
import type { Changed, FailedChange } from './provider-room.ts'
import { newToken } from './secrets/tokens.ts'
import { ensureFirstToken } from './services/tokens.ts'
import { createLogger, toLog } from './telemetry/log.ts'

/** Exit codes: 0 stopped as asked, 1 could not start, 3 lost its lease (whoever supervises it starts it again). */
async function main(): Promise<void> {
  const log = toLog(createLogger(process.env.FERRULE_LOG_LEVEL ?? 'info'))
  const load = () => loadConfig({ argv: process.argv.slice(2) })
  let config = load()
  let recover = process.argv.includes('--recover')
  let stopping = false
  const start = (failedChange: FailedChange | null = null): Promise<Daemon> =>
    startDaemon(config, {
      log,
      env: process.env,
      recover,
      failedChange,
      restart: (changed) => {
        running = running.then((daemon) => startAnew(daemon, changed))
        running.catch(fatal)
      },
      onLeaseLost: () => {
        log('error', 'this replica lost its lease and stops at once, so that it writes to no device any more')
        process.exit(3)
      },
    })
  /** With what the file says now; where that does not start, with what it said before, which is put back. */
  async function startAnew(daemon: Daemon, changed: Changed): Promise<Daemon> {
    if (stopping) return daemon
    log('info', 'starting anew with changed settings')
    await daemon.stop()
    recover = false
    const before = config
    let failure: FailedChange | null = null
    try {
      config = load()
      const next = await start()
      await changed.settle()
      log('info', 'ready with changed settings', { url: next.url })
      return next
    } catch (error) {
      log('error', 'Ferrule could not be started with the changed settings', { error: told(error) })
      failure = {
        at: new Date().toISOString(),
        message: error instanceof Error ? error.message : String(error),
        remedy: error instanceof FerruleError ? error.remedy : 'The log has more of it.',
      }
    }
    await changed.undo()
    config = before
    return start(failure)
  }

  let running = start()
  const daemon = await running
  const first = await ensureFirstToken(daemon.services, newToken)
  const tokenFile = join(config.dataDir, 'admin.token')
  // shown to nobody: whoever may read the data folder may administer
  if (first) await writeFile(tokenFile, `${first}\n`, { mode: 0o600 })
  log('info', 'ready', {
    url: daemon.url,
    socket: daemon.socket,
    ...(daemon.remote ? { remote: daemon.remote } : {}),
    tokenFile,
  })
  process.send?.({ ready: true, url: daemon.url, socket: daemon.socket, tokenFile })

  const stop = (signal: string) => {
    if (stopping) return
    stopping = true
    log('info', 'stopping', { signal })
    void running.then((last) => last.stop()).then(() => process.exit(0))
  }
  process.on('SIGTERM', () => stop('SIGTERM'))
  process.on('SIGINT', () => stop('SIGINT'))
  process.on('disconnect', () => stop('disconnect'))
}

/** For whoever reads the log or the terminal. */
function told(error: unknown): string {
  if (error instanceof FerruleError) return `${error.message}\n${error.remedy}`
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}

function fatal(error: unknown): void {
  process.stderr.write(`${told(error)}\n`)
  process.exit(1)
}

main().catch(fatal)

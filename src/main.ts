import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { loadConfig } from './config/load.ts'
import { startDaemon } from './daemon.ts'
import { FerruleError } from './domain/errors.ts'
import { newToken } from './secrets/tokens.ts'
import { ensureFirstToken } from './services/tokens.ts'
import { createLogger, toLog } from './telemetry/log.ts'

/** Exit codes: 0 stopped as asked, 1 could not start, 3 lost its lease (whoever supervises it starts it again). */
async function main(): Promise<void> {
  const log = toLog(createLogger(process.env.FERRULE_LOG_LEVEL ?? 'info'))
  const config = loadConfig({ argv: process.argv.slice(2) })
  const daemon = await startDaemon(config, {
    log,
    env: process.env,
    recover: process.argv.includes('--recover'),
    onLeaseLost: () => {
      log('error', 'this replica lost its lease and stops at once, so that it writes to no device any more')
      process.exit(3)
    },
  })
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

  let stopping = false
  const stop = (signal: string) => {
    if (stopping) return
    stopping = true
    log('info', 'stopping', { signal })
    void daemon.stop().then(() => process.exit(0))
  }
  process.on('SIGTERM', () => stop('SIGTERM'))
  process.on('SIGINT', () => stop('SIGINT'))
  process.on('disconnect', () => stop('disconnect'))
}

main().catch((error: unknown) => {
  const text =
    error instanceof FerruleError
      ? `${error.message}\n${error.remedy}`
      : error instanceof Error
        ? (error.stack ?? error.message)
        : String(error)
  process.stderr.write(`${text}\n`)
  process.exit(1)
})

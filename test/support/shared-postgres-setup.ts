import { rm } from 'node:fs/promises'
import { startPostgres } from '../../src/postgres/launcher.ts'
import { testFolder } from '../../src/postgres/testing/test-folder.ts'
import { SHARED } from './shared-postgres.ts'

/** One PostgreSQL for all files of a run that ask for a database: making a cluster takes longer than most tests. */
export async function setup(): Promise<() => Promise<void>> {
  const folder = testFolder('shared')
  const postgres = await startPostgres({ dataDir: folder, log: () => undefined })
  process.env[SHARED] = postgres.url
  return async () => {
    delete process.env[SHARED]
    await postgres.stop()
    await rm(folder, { recursive: true, force: true })
  }
}

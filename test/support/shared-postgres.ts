import { randomUUID } from 'node:crypto'
import pg from 'pg'

/** Where the run's own server is: set by shared-postgres-setup.ts, for the processes that run the tests. */
export const SHARED = 'FERRULE_TEST_POSTGRES'

export interface TestDatabase {
  url: string
  /** Whoever is still connected to it is thrown out. */
  drop(): Promise<void>
}

/** An empty database of one's own on the server that the run shares. */
export async function createDatabase(): Promise<TestDatabase> {
  const server = process.env[SHARED]
  if (server === undefined)
    throw new Error(
      'there is no shared PostgreSQL: name test/support/shared-postgres-setup.ts in vitest.config.ts',
    )
  const name = `test_${randomUUID().replaceAll('-', '')}`
  await onServer(server, `create database ${name}`)
  const url = server.replace(/\/[^/]*$/, `/${name}`)
  return { url, drop: () => onServer(server, `drop database ${name} with (force)`) }
}

async function onServer(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}

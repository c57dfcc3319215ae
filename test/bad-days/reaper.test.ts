import type pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createPool } from '../../src/postgres/pool.ts'
import { openDatabase, SEARCH_PATH } from '../../src/store/database.ts'
import { migrate } from '../../src/store/migrate.ts'
import { createReplicas } from '../../src/store/replicas.ts'
import { createDatabase, type TestDatabase } from '../support/shared-postgres.ts'

let database: TestDatabase
let pool: pg.Pool
beforeAll(async () => {
  database = await createDatabase()
  pool = createPool(database.url, { max: 4, searchPath: SEARCH_PATH })
  await migrate(pool)
})
afterAll(async () => {
  await pool?.end()
  await database?.drop()
})

test('a replica that falls asleep while it takes over keeps nobody else from it, and takes nothing over when it wakes', async () => {
  const replicas = createReplicas(openDatabase(pool))
  let wakes: () => void = () => undefined
  const asleep = new Promise<void>((resolve) => {
    wakes = resolve
  })
  let took = false
  const sleeper = replicas
    .alone(300, async (prove) => {
      await prove()
      await asleep
      await prove()
      took = true
    })
    .catch((error: unknown) => error)
  await expect.poll(() => replicas.alone(300, async () => undefined)).toBe(false)
  await expect.poll(() => replicas.alone(300, async (prove) => prove()), { timeout: 5_000 }).toBe(true)
  wakes()
  expect(await sleeper).toBeInstanceOf(Error)
  expect(took).toBe(false)
  // the connection that was cut is not used again
  expect((await pool.query('select 1 as one')).rows).toEqual([{ one: 1 }])
})

import { mkdtempSync, rmSync } from 'node:fs'
import type { Duplex } from 'node:stream'
import type pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startPostgres } from './launcher.ts'
import { createPool } from './pool.ts'

const folder = mkdtempSync('/tmp/ferrule-prepared-')
let stop: () => Promise<void>
let pool: pg.Pool

beforeAll(async () => {
  const postgres = await startPostgres({ dataDir: folder, log: () => undefined })
  pool = createPool(postgres.url, { max: 1 })
  stop = async () => {
    await pool.end()
    await postgres.stop()
  }
  await pool.query('create table thing (id int)')
  await pool.query('insert into thing values (1)')
})

afterAll(async () => {
  await stop?.()
  rmSync(folder, { recursive: true, force: true })
})

const prepared = async () =>
  (await pool.query<{ statement: string }>('select statement from pg_prepared_statements')).rows.map(
    (row) => row.statement,
  )

test('a statement with parameters is prepared once; one without is not', async () => {
  const text = 'select id from thing where id = $1'
  for (const id of [1, 2]) await pool.query(text, [id])
  expect((await prepared()).filter((one) => one === text)).toHaveLength(1)
  expect((await pool.query(text, [1])).rows).toEqual([{ id: 1 }])
  expect(await prepared()).not.toContain('create table thing (id int)')
})

test('a changed table does not break a statement that was prepared before', async () => {
  const text = 'select * from thing where id = $1'
  expect((await pool.query(text, [1])).rows).toEqual([{ id: 1 }])
  await pool.query('alter table thing add column name text')
  expect((await pool.query(text, [1])).rows).toEqual([{ id: 1, name: null }])
})

test('in a transaction the caller learns why, and the next one works', async () => {
  const text = 'select * from thing where id = $1 limit 1'
  await pool.query(text, [1])
  await pool.query('alter table thing add column size int')
  const client = await pool.connect()
  await client.query('begin')
  await expect(client.query(text, [1])).rejects.toThrow('cached plan must not change result type')
  await client.query('rollback')
  await client.query('begin')
  expect((await client.query(text, [1])).rows).toEqual([{ id: 1, name: null, size: null }])
  await client.query('commit')
  client.release()
})

test.each([
  { how: 'with parameters', values: [1] },
  { how: 'without', values: undefined },
])('a server that dies under a statement $how is a lost connection', async ({ values }) => {
  const client = await pool.connect()
  const lost = client.query(values === undefined ? 'select pg_sleep(30)' : 'select pg_sleep($1)', values)
  // pg does not declare the socket; this is what a write to one that the server has closed ends it with
  const { stream } = (client as unknown as { connection: { stream: Duplex } }).connection
  setTimeout(() => stream.destroy(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' })), 50)
  await expect(lost).rejects.toMatchObject({ code: 'ECONNRESET' })
  client.release(true)
})

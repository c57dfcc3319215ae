import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { createPool } from './pool.ts'

const folder = mkdtempSync('/tmp/ferrule-pool-')

afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('a server whose socket file is gone refuses, as a stopped one on TCP does', async () => {
  const pool = createPool(`postgresql://someone:secret@${encodeURIComponent(folder)}:5432/ferrule`)
  await expect(pool.query('SELECT 1')).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  await expect(pool.connect()).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  await pool.end()
})

test('another failure keeps its own code', async () => {
  const server = createServer((socket) => socket.resetAndDestroy())
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : undefined
  const pool = createPool(`postgresql://someone:secret@127.0.0.1:${port}/ferrule`)
  await expect(pool.query('SELECT 1')).rejects.toMatchObject({ code: 'ECONNRESET' })
  await pool.end()
  server.close()
})

test('the socket is looked for where the address says', async () => {
  const pool = createPool(`postgresql://someone:secret@${encodeURIComponent(folder)}:5432/ferrule`)
  await expect(pool.query('SELECT 1')).rejects.toThrow(join(folder, '.s.PGSQL.5432'))
  await pool.end()
})

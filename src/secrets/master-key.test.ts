import { randomBytes } from 'node:crypto'
import { chmodSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { loadMasterKey, masterKey } from './master-key.ts'

const folder = mkdtempSync(join(tmpdir(), 'ferrule-key-'))
afterAll(() => rmSync(folder, { recursive: true }))

describe('loadMasterKey', () => {
  test('makes a private file once and finds it again', () => {
    const dataDir = join(folder, 'data')
    const first = loadMasterKey({ dataDir, env: {} })
    expect(statSync(join(dataDir, 'master.key')).mode & 0o777).toBe(0o600)
    expect(loadMasterKey({ dataDir, env: {} })).toEqual(first)
    expect(loadMasterKey({ dataDir: join(folder, 'other'), env: {} }).id).not.toBe(first.id)
    chmodSync(join(dataDir, 'master.key'), 0o644)
    expect(() => loadMasterKey({ dataDir, env: {} })).toThrow(/0644/)
  })

  test('takes a configured key in base64 or hex, and makes no file then', () => {
    const bytes = randomBytes(32)
    const dataDir = join(folder, 'unused')
    for (const encoding of ['base64', 'hex'] as const) {
      const env = { KEY: bytes.toString(encoding) }
      expect(loadMasterKey({ ref: 'env:KEY', dataDir, env }).bytes).toEqual(bytes)
    }
    expect(statSync(dataDir, { throwIfNoEntry: false })).toBeUndefined()
  })

  test('refuses a key of another length without showing it', () => {
    const env = { KEY: 'hunter2' }
    expect(() => loadMasterKey({ ref: 'env:KEY', dataDir: folder, env })).toThrow(/instead of 32/)
    expect(() => loadMasterKey({ ref: 'env:KEY', dataDir: folder, env })).not.toThrow(/hunter2/)
  })
})

test('the id says nothing about the key but tells keys apart', () => {
  const bytes = randomBytes(32)
  const { id } = masterKey(bytes)
  expect(masterKey(bytes).id).toBe(id)
  expect(bytes.toString('hex')).not.toContain(id)
  expect(masterKey(randomBytes(32)).id).not.toBe(id)
})

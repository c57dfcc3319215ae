import { createHash, randomBytes } from 'node:crypto'
import { existsSync, linkSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { readSecret, type SecretRef } from '../config/secrets-ref.ts'
import { FerruleError } from '../domain/errors.ts'

/** The key that wraps the key of every sealed record. */
export interface MasterKey {
  /** Tells keys apart in stored envelopes; the start of the key's SHA-256, from which nothing can be learned. */
  id: string
  bytes: Buffer
}

const keyBytes = 32

/** @throws FerruleError invalid-input unless `bytes` are 32. */
export function masterKey(bytes: Buffer): MasterKey {
  if (bytes.length !== keyBytes) {
    throw new FerruleError(
      'invalid-input',
      `The master key has ${bytes.length} bytes instead of ${keyBytes}.`,
      'Make one with: openssl rand -base64 32',
    )
  }
  const id = createHash('sha256').update('ferrule master key id').update(bytes).digest('hex').slice(0, 16)
  return { id, bytes }
}

/**
 * The configured key, or the one in `<dataDir>/master.key`, which is made at the first start. Whoever loses it loses
 * every stored password: it belongs into the backup, apart from the database's.
 */
export function loadMasterKey(options: {
  ref?: SecretRef | undefined
  dataDir: string
  env: NodeJS.ProcessEnv
}): MasterKey {
  const file = join(options.dataDir, 'master.key')
  if (options.ref === undefined && !existsSync(file)) createKeyFile(options.dataDir, file)
  return masterKey(decode(readSecret(options.ref ?? `file:${file}`, options.env).trim()))
}

function decode(text: string): Buffer {
  return /^[0-9a-f]{64}$/i.test(text) ? Buffer.from(text, 'hex') : Buffer.from(text, 'base64')
}

/** Written whole under another name and linked: no reader sees half a key, and the first of two starters wins. */
function createKeyFile(dataDir: string, file: string): void {
  mkdirSync(dataDir, { recursive: true })
  const fresh = `${file}.${process.pid}`
  writeFileSync(fresh, `${randomBytes(keyBytes).toString('base64')}\n`, { mode: 0o600, flush: true })
  try {
    linkSync(fresh, file)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  } finally {
    rmSync(fresh)
  }
}

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** A Python program beside this file, or beside its source when this is the built one. */
export function sourceFile(name: string): string {
  const here = fileURLToPath(new URL('.', import.meta.url))
  const beside = join(here, name)
  return existsSync(beside) ? beside : join(here, '../../../bench/switch', name)
}

import { chmodSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startOf } from './process-start.ts'

/** All folders of tests begin so; nothing else of ours in the system's folder for temporary files does. */
export const PREFIX = 'ferrule-test-'
/** Names the process that made the folder. */
export const OWNER_FILE = 'owner.json'

export interface Owner {
  pid: number
  /** When that process began, as the system counts it: process ids are used again. Null where it does not tell. */
  started: string | null
}

/** A folder for one test, with the process that it belongs to: what a killed test run leaves behind can be told by that. */
export function testFolder(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), `${PREFIX}${name}-`))
  // as root the server runs as somebody else, who must be able to walk through: else its files would lie elsewhere
  chmodSync(folder, 0o755)
  const owner: Owner = { pid: process.pid, started: startOf(process.pid) }
  writeFileSync(join(folder, OWNER_FILE), JSON.stringify(owner))
  return folder
}

import { readFileSync } from 'node:fs'
import { usage } from './failure.ts'

/** Written by a controller that was started in the current folder. */
const localTokenFile = '.ferrule/admin.token'

/** The nearest word wins: --token-file, FERRULE_TOKEN, FERRULE_TOKEN_FILE, then the file of a local controller. */
export function findToken(tokenFile: string | undefined, env: NodeJS.ProcessEnv): string | null {
  if (tokenFile !== undefined) return readSecretFile(tokenFile, 'token')
  if (env.FERRULE_TOKEN) return env.FERRULE_TOKEN.trim()
  if (env.FERRULE_TOKEN_FILE) return readSecretFile(env.FERRULE_TOKEN_FILE, 'token')
  try {
    return readFileSync(localTokenFile, 'utf8').trim()
  } catch {
    return null
  }
}

export function readSecretFile(path: string, what: string): string {
  try {
    const text = readFileSync(path, 'utf8').trim()
    if (text !== '') return text
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error'
    throw usage(`the ${what} file ${path} cannot be read (${code})`, 'Name a file that you may read.')
  }
  throw usage(`the ${what} file ${path} is empty`, 'Name the file that holds it.')
}

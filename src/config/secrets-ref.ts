import { readFileSync, statSync } from 'node:fs'
import { FerruleError } from '../domain/errors.ts'

/** Where a secret is: an environment variable or a file. The configuration never holds the secret itself. */
export type SecretRef = `env:${string}` | `file:${string}`

export const secretRefPattern = /^(env:[A-Za-z_][A-Za-z0-9_]*|file:.+)$/

export function isSecretRef(text: string): text is SecretRef {
  return secretRefPattern.test(text)
}

/**
 * Reads the secret. A final line break, which editors add to files, is no part of it.
 *
 * @throws FerruleError invalid-input when it is missing or empty, or when others than its owner may read its file.
 */
export function readSecret(ref: SecretRef, env: NodeJS.ProcessEnv): string {
  const secret = ref.startsWith('env:') ? fromEnvironment(ref.slice(4), env) : fromFile(ref.slice(5))
  if (secret !== '') return secret
  throw new FerruleError('invalid-input', `The secret ${ref} is empty.`, 'Put the secret there.', { ref })
}

function fromEnvironment(name: string, env: NodeJS.ProcessEnv): string {
  const value = env[name]
  if (value !== undefined) return value
  throw new FerruleError(
    'invalid-input',
    `The environment variable ${name} is not set.`,
    `Set ${name}, or refer to a file with file:/path.`,
    { ref: `env:${name}` },
  )
}

function fromFile(path: string): string {
  const details = { ref: `file:${path}` }
  const mode = statSync(path, { throwIfNoEntry: false })?.mode
  if (mode === undefined) {
    throw new FerruleError(
      'invalid-input',
      `The file ${path} does not exist.`,
      'Create it with mode 0600.',
      details,
    )
  }
  if ((mode & 0o077) !== 0) {
    const seen = (mode & 0o777).toString(8).padStart(4, '0')
    throw new FerruleError(
      'invalid-input',
      `The file ${path} may be read by others than its owner: its mode is ${seen}.`,
      `Run chmod 0600 ${path}; if others used this machine meanwhile, change the secret too.`,
      details,
    )
  }
  try {
    return readFileSync(path, 'utf8').replace(/\r?\n$/, '')
  } catch (error) {
    throw new FerruleError(
      'invalid-input',
      `The file ${path} cannot be read: ${(error as NodeJS.ErrnoException).code}.`,
      'Give it to the user that Ferrule runs as.',
      details,
    )
  }
}

import { join } from 'node:path'
import { readSecret } from '../../config/secrets-ref.ts'
import { FerruleError } from '../../domain/errors.ts'

/** Where passwords may be that a detail of CloudStack's host names. */
export interface PasswordPlaces {
  /** A folder; a detail names a file right in it. Null: no folder. */
  folder: string | null
  /** Environment variables that details may name. */
  env: readonly string[]
}

const fileName = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/

/**
 * A detail that a cloud administrator wrote names one of the passwords that the operator put there for this, and nothing
 * else of this machine: a file's plain name in one folder, or a variable of a list. What the detail says is in no
 * message: somebody may have written the password itself.
 */
export function bmcPassword(
  reference: string,
  host: string,
  { folder, env }: PasswordPlaces,
  environment: NodeJS.ProcessEnv,
): string {
  const refuse = (message: string, remedy: string) =>
    new FerruleError('invalid-input', message, remedy, { host })
  const detail = `detail bmc_password of host ${host} in CloudStack`
  if (reference.startsWith('env:')) {
    const name = env.find((one) => `env:${one}` === reference)
    if (name === undefined)
      throw refuse(
        `${detail} names an environment variable that is not allowed`,
        'Name one of cloudstack.hosts.passwordEnv, or add it there.',
      )
    return read(`env:${name}`, `the environment variable ${name}`)
  }
  if (folder === null)
    throw refuse(
      `${detail} names a file, and there is no folder for such`,
      'Set cloudstack.hosts.passwords to a folder, and put one file for each password into it.',
    )
  if (!fileName.test(reference))
    throw refuse(
      `${detail} is no plain name of a file`,
      `Name a file in ${folder} by letters, digits, ".", "_" and "-": never a path, and never the password itself.`,
    )
  return read(`file:${join(folder, reference)}`, `a file in ${folder}`)

  function read(ref: `env:${string}` | `file:${string}`, place: string): string {
    try {
      return readSecret(ref, environment)
    } catch {
      throw refuse(
        `${detail} leads to ${place}, which holds no password that can be read`,
        'The file must be there, with mode 0600, and belong to the user of Ferrule; it may not be empty.',
      )
    }
  }
}

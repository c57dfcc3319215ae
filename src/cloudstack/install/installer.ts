import { readFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { loadConfig } from '../../config/load.ts'
import { readSecret } from '../../config/secrets-ref.ts'
import type { ErrorBody } from '../../domain/errors.ts'
import { FerruleError } from '../../domain/errors.ts'
import type { CloudstackAccess } from '../client/client.ts'
import { createCloudstackClient } from '../client/client.ts'
import type { Scope } from './install.ts'
import { install, uninstall } from './install.ts'
import type { InstallOptions, Line } from './piece.ts'

export interface InstallerOptions extends InstallOptions {
  /** CloudStack's folder of extensions on this machine; null: no file is touched. */
  folder: string | null
  settingsFile: string
  /** What the executable is to find there; null: whatever there is. */
  settings: Readonly<Record<string, string>> | null
  /** Only files: CloudStack is not asked. */
  filesOnly: boolean
  /** ferrule.yaml with cloudstack.api; null: from the environment. */
  config: string | null
  dryRun: boolean
}

export type Outcome = { lines: Line[] } | { problem: ErrorBody }

/** The whole of "ferrule cloudstack install" and "uninstall", for a command line that knows nothing of it. */
export async function runInstaller(
  what: 'install' | 'uninstall',
  options: InstallerOptions,
  env: NodeJS.ProcessEnv,
  report: (line: Line) => void,
): Promise<Outcome> {
  try {
    const run = { dryRun: options.dryRun, report }
    const scope = scopeOf(options, env)
    return { lines: await (what === 'install' ? install(scope, run) : uninstall(scope, run)) }
  } catch (error) {
    if (error instanceof FerruleError) return { problem: error.toBody() }
    throw error
  }
}

function scopeOf(options: InstallerOptions, env: NodeJS.ProcessEnv): Scope {
  const { folder, settingsFile, settings, name, filesOnly } = options
  if (!/^[a-z][a-z0-9-]*$/.test(name))
    throw new FerruleError(
      'invalid-input',
      `"${name}" is no name for an extension, a cluster and a host at once`,
      'Use a-z, 0-9 and -.',
    )
  return {
    files:
      folder === null
        ? null
        : {
            ...{ name, folder, settingsFile, settings, source: executable(), owner: ownerOfFiles() },
            forNetwork: options.networkOrchestrator !== undefined,
          },
    site: filesOnly ? null : { client: clientOf(accessOf(options.config, env)), options },
  }
}

function clientOf(access: CloudstackAccess) {
  return createCloudstackClient({ ...access, now: Date.now, sleep: (ms) => pause(ms) })
}

/** The variables that the client "cs" has, or the configuration of a controller. */
function accessOf(config: string | null, env: NodeJS.ProcessEnv): CloudstackAccess {
  const { CLOUDSTACK_ENDPOINT: url, CLOUDSTACK_KEY: apiKey, CLOUDSTACK_SECRET: secretKey } = env
  if (config === null && url && apiKey && secretKey) return { url, apiKey, secretKey }
  const { api } = loadConfig(config === null ? { env } : { file: config, env }).cloudstack
  if (api === undefined)
    throw new FerruleError(
      'invalid-input',
      "nothing says where CloudStack's API is",
      'Set CLOUDSTACK_ENDPOINT, CLOUDSTACK_KEY and CLOUDSTACK_SECRET, or name a configuration that has cloudstack.api with --config.',
    )
  return { url: api.url, apiKey: readSecret(api.key, env), secretKey: readSecret(api.secret, env) }
}

/** As it lies beside the sources, or beside what is built from them. */
function executable(): string {
  for (const place of ['../../../extension/ferrule.sh', '../../../../extension/ferrule.sh']) {
    const path = fileURLToPath(new URL(place, import.meta.url))
    try {
      readFileSync(path)
      return path
    } catch {
      // the other place then
    }
  }
  throw new FerruleError(
    'not-found',
    'extension/ferrule.sh is not there',
    'Install Ferrule with all its files.',
  )
}

/** CloudStack's management server runs as user cloud; only root may give files away, and only if there is that user. */
function ownerOfFiles(): { uid: number; gid: number } | null {
  if (process.getuid?.() !== 0) return null
  try {
    const users = readFileSync('/etc/passwd', 'utf8').split('\n')
    const [, , uid, gid] = users.find((line) => line.startsWith('cloud:'))?.split(':') ?? []
    return uid === undefined || gid === undefined ? null : { uid: Number(uid), gid: Number(gid) }
  } catch {
    return null
  }
}

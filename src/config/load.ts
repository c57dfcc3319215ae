import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { parseDocument } from 'yaml'
import { FerruleError } from '../domain/errors.ts'
import { type Config, deepFreeze, deriveConfig } from './config.ts'
import { crossFaults } from './cross-checks.ts'
import { applyOverrides, listOverrides } from './environment.ts'
import { type ConfigFault, describeFault, faultsOf } from './faults.ts'
import { configJsonSchema, configSchema, type ParsedConfig } from './schema.ts'
import type { SecretRef } from './secrets-ref.ts'

export interface ConfigSources {
  /** Path of the file; before `--config` and FERRULE_CONFIG. */
  file?: string
  /** What the file would hold: it is not read then. */
  text?: string
  env?: NodeJS.ProcessEnv
  /** Only `--config FILE` is read from it. */
  argv?: readonly string[]
  /** Where relative paths start when there is no file. */
  cwd?: string
}

export interface ConfigCheck {
  /** Absent when there are faults. */
  config?: Config
  faults: ConfigFault[]
}

/** @throws FerruleError invalid-input that tells every fault; `details.faults` has them one by one. */
export function loadConfig(sources: ConfigSources = {}): Config {
  const { config, faults } = checkConfig(sources)
  if (config !== undefined) return config
  throw faultyConfig(faults)
}

/** Every fault in one error; `details.faults` has them one by one. */
export function faultyConfig(faults: readonly ConfigFault[]): FerruleError {
  const list = faults.map((fault) => `  ${describeFault(fault)}`).join('\n')
  return new FerruleError(
    'invalid-input',
    `The configuration is faulty:\n${list}`,
    'Correct it and start again.',
    { faults },
  )
}

/** Reads, overrides, parses and cross-checks; names every fault at once. */
export function checkConfig(sources: ConfigSources = {}): ConfigCheck {
  const env = sources.env ?? process.env
  const file = findFile(sources, env)
  const read = file === null ? { input: {}, faults: [] } : readYaml(file, sources.text)
  if (read.faults.length > 0) return { faults: read.faults }
  const { input } = read
  const faults = applyOverrides(input, env, listOverrides(configJsonSchema()))
  if (env.DATABASE_URL) addDatabaseUrl(input)
  const parsed = configSchema.safeParse(input)
  if (!parsed.success) return { faults: [...faults, ...faultsOf(parsed.error.issues, input)] }
  const folder = file === null ? (sources.cwd ?? process.cwd()) : dirname(file)
  const config = deriveConfig(withAbsolutePaths(parsed.data, folder), file)
  faults.push(...crossFaults(parsed.data, config, env))
  return faults.length > 0 ? { faults } : { config: deepFreeze(config), faults }
}

function findFile(sources: ConfigSources, env: NodeJS.ProcessEnv): string | null {
  const argv = sources.argv ?? []
  const flag = argv.findIndex((word) => word === '--config' || word.startsWith('--config='))
  const fromArgv = argv[flag]?.startsWith('--config=') ? argv[flag].slice('--config='.length) : argv[flag + 1]
  const named = sources.file ?? (flag === -1 ? env.FERRULE_CONFIG : fromArgv)
  return named ? resolve(sources.cwd ?? process.cwd(), named) : null
}

function readYaml(file: string, given?: string): { input: Record<string, unknown>; faults: ConfigFault[] } {
  let text: string
  try {
    text = given ?? readFileSync(file, 'utf8')
  } catch (error) {
    const seen = String((error as NodeJS.ErrnoException).code)
    return {
      input: {},
      faults: [{ path: file, problem: 'cannot be read', seen, remedy: 'Name a file that exists.' }],
    }
  }
  const document = parseDocument(text)
  const faults = document.errors.map((error) => {
    const { line, col } = error.linePos?.[0] ?? { line: 1, col: 1 }
    // The parser's message quotes the line, which may hold a secret; its first line does not.
    const problem = error.message.split(/ at line |\n/)[0] ?? 'is no YAML'
    return {
      path: `${file}:${line}:${col}`,
      problem,
      seen: 'text that is no YAML',
      remedy: 'Correct this line.',
    }
  })
  const input: unknown = faults.length > 0 ? {} : (document.toJS() ?? {})
  if (typeof input === 'object' && input !== null && !Array.isArray(input))
    return { input: { ...input }, faults }
  const fault = {
    path: file,
    problem: 'must be a mapping',
    seen: 'something else',
    remedy: 'Write name: value lines.',
  }
  return { input: {}, faults: [fault] }
}

/** DATABASE_URL is what most platforms set; a database.url of ours is nearer and wins. */
function addDatabaseUrl(input: Record<string, unknown>): void {
  const section = input.database ?? {}
  if (typeof section === 'object') input.database = { url: 'env:DATABASE_URL', ...section }
}

function withAbsolutePaths(parsed: ParsedConfig, folder: string): ParsedConfig {
  const ref = (secret: SecretRef | undefined): SecretRef | undefined =>
    secret?.startsWith('file:') ? `file:${resolve(folder, secret.slice(5))}` : secret
  const { cloudstack, database, maas, masterKey, socket, ...rest } = parsed
  const url = ref(database.url)
  const key = ref(maas?.key)
  const master = ref(masterKey)
  const { api, listen, ...moreCloudstack } = cloudstack
  const doorKey = ref(listen?.key)
  const apiKey = ref(api?.key)
  const apiSecret = ref(api?.secret)
  const webhookSecret = ref(api?.webhookSecret)
  return {
    ...rest,
    cloudstack: {
      ...moreCloudstack,
      ...(listen === undefined || doorKey === undefined
        ? {}
        : { listen: { ...listen, certificate: resolve(folder, listen.certificate), key: doorKey } }),
      ...(api === undefined || apiKey === undefined || apiSecret === undefined
        ? {}
        : {
            api: {
              ...api,
              key: apiKey,
              secret: apiSecret,
              ...(webhookSecret === undefined ? {} : { webhookSecret }),
            },
          }),
    },
    dataDir: resolve(folder, parsed.dataDir),
    database: url === undefined ? {} : { url },
    ...(socket === undefined ? {} : { socket: resolve(folder, socket) }),
    ...(maas === undefined || key === undefined ? {} : { maas: { ...maas, key } }),
    ...(master === undefined ? {} : { masterKey: master }),
  }
}

import { createHash } from 'node:crypto'
import { constants } from 'node:fs'
import { access, chmod, chown, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { ProviderChange, ProviderPlan, ProviderRoom, ProviderView } from './api/provider.ts'
import type { Config } from './config/config.ts'
import { configDiff, editConfig, inFile } from './config/edit.ts'
import { checkConfig, faultyConfig } from './config/load.ts'
import { asFileChanges, describeSettings, type ProviderSetting, providerSettings } from './config/provider.ts'
import { readSecret } from './config/secrets-ref.ts'
import { FerruleError } from './domain/errors.ts'
import { createMaas } from './maas/client.ts'
import { parseMaasSettings } from './maas/settings.ts'
import { Turns } from './workflows/in-turn.ts'

/** What becomes of a change once it is in the file. */
export interface Changed {
  /** Puts the file back: Ferrule could not be started with it. */
  undo(): Promise<void>
  /** Ferrule runs with it: what only the file before needed is removed. */
  settle(): Promise<void>
}

/** The last change that Ferrule could not be started with. */
export interface FailedChange {
  at: string
  message: string
  remedy: string
}

export interface ProviderRoomOptions {
  /** What this replica was started with. */
  config: Config
  env: NodeJS.ProcessEnv
  failure: FailedChange | null
  /** Starts this replica anew, with what is in the file then; it returns before that. */
  restart(changed: Changed): void
  /** Notes who changed what. */
  note(message: string, diff: readonly string[]): Promise<void>
}

/** The connection to MAAS as a plan needs it: its key is not in any file yet. */
interface Connection {
  url: string
  key: string
  /** Where the key is kept; null: it is a new one, or stands in CloudStack's setting. */
  ref: string | null
}

interface Edit {
  before: string
  after: string
  plan: ProviderPlan
  /** To be written before the file that names it. */
  key: { path: string; secret: string } | null
}

/** Changes of one file wait for each other. */
export function openProviderRoom(options: ProviderRoomOptions): ProviderRoom {
  const changes = new Turns()
  return {
    view: () => view(options),
    plan: async (change) => (await edit(options, change)).plan,
    apply: (change, by) => changes.take(() => apply(options, change, by)),
  }
}

async function view({ config, env, failure }: ProviderRoomOptions): Promise<ProviderView> {
  const text = config.file === null ? '' : await readFile(config.file, 'utf8').catch(() => null)
  const locked = await lockOf(config)
  const checked =
    config.file === null || text === null ? { config } : checkConfig({ file: config.file, text, env })
  const shown = checked.config ?? config
  return {
    file: config.file,
    revision: revisionOf(text ?? ''),
    locked: locked && { message: locked.message, remedy: locked.remedy },
    pending: JSON.stringify(shown) !== JSON.stringify(config) || checked.config === undefined,
    failure,
    settings: describe(shown, env, text ?? ''),
  }
}

async function edit(options: ProviderRoomOptions, change: ProviderChange): Promise<Edit> {
  const { config, env } = options
  const locked = await lockOf(config)
  if (locked !== null || config.file === null) throw locked ?? noFile()
  const before = await readFile(config.file, 'utf8')
  if (revisionOf(before) !== change.revision)
    throw new FerruleError(
      'conflict',
      `${config.file} has been changed since you looked at it`,
      'Look at the settings again, and repeat what is still right.',
      { field: 'revision' },
    )
  const found = checkConfig({ file: config.file, text: before, env })
  if (found.config === undefined) throw faultyConfig(found.faults)
  const settings = describe(found.config, env, before)
  const changes = change.changes.map((one) => admitted(one, settings))
  const to = connectionOf(changes, found.config, env)
  const name = to === null ? '' : keyFile(config.dataDir, to.key)
  const after = textWith(before, changes, to && { url: to.url, ref: to.ref ?? `file:${name}` })
  // the file with a new key is not there yet: for the check it is where no file is needed
  const trial = to?.ref === null ? textWith(before, changes, { url: to.url, ref: 'env:NEW_KEY' }) : after
  const { faults } = checkConfig({ file: config.file, text: trial, env: { ...env, NEW_KEY: to?.key } })
  if (faults.length > 0) throw faultyConfig(faults)
  const diff = configDiff(before, after)
  const maas = to === null ? null : await createMaas({ url: to.url, key: to.key }).endpoints()
  return {
    ...{ before, after },
    plan: { diff, maas, restarts: diff.length > 0 },
    key: to?.ref === null ? { path: name, secret: to.key } : null,
  }
}

function textWith(before: string, changes: Admitted[], key: { url: string; ref: string } | null): string {
  return changes.length === 0 ? before : editConfig(before, asFileChanges(changes, inFile(before), key))
}

async function apply(
  options: ProviderRoomOptions,
  change: ProviderChange,
  by: string,
): Promise<ProviderPlan> {
  const { config } = options
  const { before, after, plan, key } = await edit(options, change)
  if (!plan.restarts || config.file === null) return plan
  const file = config.file
  const well = plan.maas?.some(({ fault }) => fault === null) ?? true
  if (!well) {
    const fault = plan.maas?.[0]?.fault
    throw new FerruleError(
      'check-failed',
      `the new connection does not work: ${fault?.message ?? 'no region controller answers'}`,
      `${fault?.remedy ?? 'Correct it.'} Nothing was changed.`,
    )
  }
  if (key !== null) {
    await mkdir(dirname(key.path), { recursive: true, mode: 0o700 })
    await writeFile(key.path, `${key.secret}\n`, { mode: 0o600 })
  }
  const old = config.maas?.key
  const changed: Changed = {
    undo: async () => {
      await replaceFile(file, before)
      if (key !== null) await rm(key.path, { force: true })
    },
    settle: async () => {
      const folder = join(config.dataDir, keyFolder)
      if (key === null || !old?.startsWith(`file:${folder}/`) || old === `file:${key.path}`) return
      await rm(old.slice('file:'.length), { force: true })
    },
  }
  await replaceFile(file, after)
  try {
    await options.note(`${by} changed the settings in ${file}`, plan.diff)
  } catch (error) {
    // a change that nobody could find again is none
    await changed.undo()
    throw error
  }
  options.restart(changed)
  return plan
}

type Admitted = { name: ProviderSetting['name']; value: ProviderChange['changes'][number]['value'] }

/** @throws FerruleError for a setting that is not to be changed here, or that the environment says */
function admitted({ name, value }: ProviderChange['changes'][number], settings: ProviderSetting[]): Admitted {
  const setting = settings.find((one) => one.name === name)
  if (setting === undefined)
    throw new FerruleError(
      'invalid-input',
      `${name} is no setting that can be changed here`,
      `There are ${providerSettings.join(', ')}. Everything else is changed in the file itself.`,
      { field: name },
    )
  if (setting.from === 'environment')
    throw new FerruleError(
      'conflict',
      `${name} is said by the environment variable ${setting.variable}, which goes before the file`,
      `Change ${setting.variable} where Ferrule is started, or unset it there.`,
      { field: name },
    )
  return { name: setting.name, value }
}

/** Null: the connection stays as it is. */
function connectionOf(changes: Admitted[], config: Config, env: NodeJS.ProcessEnv): Connection | null {
  const given = (name: string) => {
    const value = changes.find((one) => one.name === name)?.value
    return typeof value === 'string' && value.trim() !== '' ? value.trim() : null
  }
  const [url, key] = [given('maas.url'), given('maas.key')]
  if (url === null && key === null) return null
  const { systemUrl } = config.settings
  const now = systemUrl === null ? null : parseMaasSettings(systemUrl)
  const missing = (name: string) =>
    new FerruleError('invalid-input', `${name} is missing`, 'Give the address and the API key of MAAS.', {
      field: name,
    })
  const newUrl = url ?? now?.url ?? config.maas?.url
  if (newUrl === undefined) throw missing('maas.url')
  if (key !== null) return { url: newUrl, key, ref: null }
  if (config.maas !== undefined)
    return { url: newUrl, key: readSecret(config.maas.key, env), ref: config.maas.key }
  if (now === null) throw missing('maas.key')
  return { url: newUrl, key: now.key, ref: null }
}

function describe(config: Config, env: NodeJS.ProcessEnv, text: string): ProviderSetting[] {
  const { systemUrl } = config.settings
  const url = config.maas?.url ?? (systemUrl === null ? null : parseMaasSettings(systemUrl).url)
  return describeSettings(config, env, inFile(text), url)
}

const keyFolder = 'provider-keys'

/** Another key is another file, so that the one before is there until Ferrule runs with the new one. */
function keyFile(dataDir: string, key: string): string {
  return join(dataDir, keyFolder, `maas-${revisionOf(key).slice(0, 8)}.key`)
}

function revisionOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16)
}

const noFile = () =>
  new FerruleError(
    'wrong-state',
    'Ferrule was started without a configuration file',
    'Start it with --config ferrule.yaml.',
  )

/** Why the file cannot be changed. */
async function lockOf({ file }: Config): Promise<FerruleError | null> {
  if (file === null) return noFile()
  const may = (path: string) =>
    access(path, constants.W_OK).then(
      () => true,
      () => false,
    )
  if ((await may(file)) && (await may(dirname(file)))) return null
  return new FerruleError(
    'wrong-state',
    `Ferrule may not write ${file}`,
    'Change it where it comes from and start Ferrule again, or let its user write the file and its folder.',
  )
}

/** At every instant the file is the one or the other; it keeps its mode and its owner. */
async function replaceFile(file: string, text: string): Promise<void> {
  const { mode, uid, gid } = await stat(file)
  const beside = `${file}.new`
  await writeFile(beside, text, { mode: mode & 0o777 })
  await chmod(beside, mode & 0o777)
  await chown(beside, uid, gid)
  await rename(beside, file)
}

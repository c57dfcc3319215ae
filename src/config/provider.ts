import type { Config } from './config.ts'
import type { Change } from './edit.ts'
import { variableOf } from './environment.ts'
import { classnameSetting, configJsonSchema, systemUrlSetting } from './schema.ts'

/**
 * What an operator sets without an editor: the provider and its connection, as in the dialogs of CloudStack's bare-metal
 * design, and what holds where a rack file, a host, an offering or a call says nothing else. Everything else (doors,
 * database, deadlines) belongs to whoever owns the machine, and is in the file alone.
 */
export const providerSettings = [
  classnameSetting,
  'maas.url',
  'maas.key',
  'network.pxeVlan',
  'network.quarantineVlan',
  'network.vlanRange.from',
  'network.vlanRange.to',
  'erase.policy',
  'bond.mode',
  'hosts.bmcProtocol',
  'stop.ports',
  'stop.graceSeconds',
  'planner.match',
  'boot.efi',
  'observers.portDrift',
  'cloudstack.macPolicy',
] as const

export type SettingName = (typeof providerSettings)[number]

export interface ProviderSetting {
  name: SettingName
  kind: 'text' | 'secret' | 'number' | 'choice' | 'switch'
  /** What may be chosen; null: anything of its kind. */
  choices: string[] | null
  /** The smallest and the largest number; null: no such bound. */
  least: number | null
  most: number | null
  about: string
  /** What holds. Of a secret: where it is kept; never itself. */
  value: string | number | boolean | null
  /** Who says so. What the environment says is not changed by the file. */
  from: 'file' | 'default' | 'environment'
  /** The environment variable that goes before the file. */
  variable: string
}

interface SchemaNode {
  type?: string
  enum?: string[]
  minimum?: number
  maximum?: number
  description?: string
  properties?: Record<string, SchemaNode>
}

/** The two of CloudStack have dots in their names. */
export function pathOf(name: string): string[] {
  return name.startsWith('external.') ? [name] : name.split('.')
}

/**
 * @param inFile whether the file says something at this path
 * @param maasUrl the address of MAAS, whichever setting it stands in
 */
export function describeSettings(
  config: Config,
  env: NodeJS.ProcessEnv,
  inFile: (path: readonly string[]) => boolean,
  maasUrl: string | null,
): ProviderSetting[] {
  const schema: SchemaNode = configJsonSchema()
  return providerSettings.map((name) => {
    const path = pathOf(name)
    const node = path.reduce<SchemaNode | undefined>((at, key) => at?.properties?.[key], schema) ?? {}
    const places = placesOf(name)
    const variable =
      places.map(variableOf).find((one) => env[one] !== undefined) ?? variableOf(places[0] ?? path)
    return {
      ...{ name, variable },
      kind: kindOf(name, node),
      choices: name === classnameSetting ? [providerClass] : (node.enum ?? null),
      least: node.minimum ?? null,
      most: node.maximum ?? null,
      about: node.description ?? '',
      value: valueIn(name, config, maasUrl),
      from: env[variable] !== undefined ? 'environment' : places.some(inFile) ? 'file' : 'default',
    }
  })
}

const providerClass = 'org.apache.cloudstack.compute.maas.MaasResourceProvider'

/** Where a setting may stand: CloudStack's own two, and with them the connection to MAAS, have several places. */
export function placesOf(name: string): string[][] {
  if (name === classnameSetting) return [[classnameSetting], ['settings', classnameSetting]]
  const other = name.startsWith('maas.') ? [[systemUrlSetting], ['settings', systemUrlSetting]] : []
  return [pathOf(name), ...other]
}

function kindOf(name: SettingName, node: SchemaNode): ProviderSetting['kind'] {
  if (name === 'maas.key') return 'secret'
  if (name === classnameSetting || node.enum !== undefined) return 'choice'
  if (node.type === 'boolean') return 'switch'
  return node.type === 'integer' || node.type === 'number' ? 'number' : 'text'
}

function valueIn(name: SettingName, config: Config, maasUrl: string | null): ProviderSetting['value'] {
  if (name === classnameSetting) return config.settings.classname
  if (name === 'maas.url') return maasUrl
  if (name === 'maas.key') return config.maas?.key ?? (config.settings.systemUrl ? systemUrlSetting : null)
  let value: unknown = config
  for (const key of pathOf(name))
    value =
      typeof value === 'object' && value !== null ? Object.getOwnPropertyDescriptor(value, key)?.value : null
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : null
}

/**
 * The same changes, as the file needs them: CloudStack's form of the connection cannot stay beside `maas`, and its class
 * name is changed where it stands.
 *
 * @param key where the key of MAAS is kept from now on; null: where it was
 */
export function asFileChanges(
  changes: readonly { name: SettingName; value: Change['value'] }[],
  inFile: (path: readonly string[]) => boolean,
  key: { url: string; ref: string } | null,
): Change[] {
  const plain = changes
    .filter(({ name }) => !name.startsWith('maas.'))
    .map(({ name, value }) => ({ path: placesOf(name).find(inFile) ?? pathOf(name), value }))
  const moved = key === null ? [] : placesOf('maas.key').slice(1).filter(inFile)
  return [
    ...plain,
    ...moved.map((path) => ({ path, value: null })),
    ...(key === null
      ? []
      : [
          { path: ['maas', 'url'], value: key.url },
          { path: ['maas', 'key'], value: key.ref },
        ]),
  ]
}

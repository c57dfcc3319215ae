import { createHash } from 'node:crypto'
import { parse } from 'yaml'
import { z } from 'zod'
import { merge } from './netplan.ts'

/** Asked in this order if the system's configuration names none (the part of cloud-init's list that the lab has). */
const DEFAULT_DATASOURCES = ['MAAS', 'NoCloud', 'CloudStack', 'None']

/** A module by its name, or as [name, frequency]. */
const modules = z.array(z.union([z.string(), z.array(z.string())])).default([])

const wire = z.object({
  datasource_list: z.array(z.string()).default(DEFAULT_DATASOURCES),
  datasource: z
    .object({
      MAAS: z
        .object({
          metadata_url: z.string().optional(),
          consumer_key: z.string().default(''),
          token_key: z.string().default(''),
          token_secret: z.string().default(''),
        })
        .nullish(),
    })
    .nullish(),
  manual_cache_clean: z.boolean().default(false),
  cloud_init_modules: modules,
  cloud_config_modules: modules,
  network: z.looseObject({ config: z.string().optional() }).nullish(),
  reporting: z
    .record(
      z.string(),
      z
        .object({ type: z.string(), endpoint: z.string().optional(), token_key: z.string().optional() })
        .nullable(),
    )
    .nullish(),
})

/** cloud-init's configuration as the lab heeds it. */
export interface CloudConfig {
  datasourceList: string[]
  manualCacheClean: boolean
  /** The MAAS datasource's credentials; `idHash` is how cloud-init knows a cached MAAS datasource again. */
  maas: { idHash: string } | null
  /** Whom MAAS takes this system for, by the reporting or datasource credentials in its files. */
  node: { systemId: string; token: string } | null
  reportsToMaas: boolean
  /** `disabled`: the network files stay as they are; a configuration to render; null: cloud-init makes up its own. */
  network: 'disabled' | object | null
  /** How often the module set_passwords runs. */
  setsPasswords: 'once' | 'always'
}

/** Reads /etc/cloud/cloud.cfg and cloud.cfg.d/*.cfg, merged in name order; a file that is no YAML map is skipped. */
export function readCloudConfig(files: Record<string, string>): CloudConfig {
  const paths = Object.keys(files)
    .filter((path) => /^\/etc\/cloud\/cloud\.cfg\.d\/[^/]+\.cfg$/.test(path))
    .sort()
  const merged = ['/etc/cloud/cloud.cfg', ...paths].reduce<unknown>(
    (all, path) => merge(all, readYaml(files[path])),
    {},
  )
  const valid = wire.safeParse(merged)
  const config = valid.success ? valid.data : wire.parse({})

  const credentials = config.datasource?.MAAS
  const webhook = Object.values(config.reporting ?? {}).find((handler) => handler?.type === 'webhook')
  const systemId = systemIdOf(webhook?.endpoint, credentials?.metadata_url, files['/etc/maas-system-id'])
  const token = credentials?.token_key ?? webhook?.token_key
  return {
    datasourceList: config.datasource_list,
    manualCacheClean: config.manual_cache_clean,
    maas: credentials?.metadata_url ? { idHash: hashOf(credentials) } : null,
    node: systemId && token ? { systemId, token } : null,
    reportsToMaas: webhook?.endpoint !== undefined,
    network: config.network?.config === 'disabled' ? 'disabled' : (config.network ?? null),
    setsPasswords: [...config.cloud_init_modules, ...config.cloud_config_modules].some(
      (module) => Array.isArray(module) && isSetPasswords(module[0]) && module[1] === 'always',
    )
      ? 'always'
      : 'once',
  }
}

/** Its name had hyphens before cloud-init 23.1. */
function isSetPasswords(name: string | undefined): boolean {
  return name?.replaceAll('-', '_') === 'set_passwords'
}

/** What was read before, by its text: the same few files are on every system, and each boot reads them. */
const known = new Map<string, unknown>()
const MOST_KNOWN = 500

function readYaml(text = ''): unknown {
  if (known.has(text)) return known.get(text)
  if (known.size >= MOST_KNOWN) known.clear()
  const value = parsed(text)
  known.set(text, value)
  return value
}

function parsed(text: string): unknown {
  try {
    const value: unknown = parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined
  } catch {
    return undefined
  }
}

/** MAAS's reporting endpoint ends in …/status/<system_id>, and some metadata addresses in …/by-id/<system_id>/. */
function systemIdOf(endpoint: string | undefined, metadataUrl: string | undefined, file: string | undefined) {
  return (
    /\/status\/([^/]+)\/?$/.exec(endpoint ?? '')?.[1] ??
    /\/by-id\/([^/]+)\/?$/.exec(metadataUrl ?? '')?.[1] ??
    file?.trim()
  )
}

/** As get_id_from_ds_cfg in cloudinit/sources/DataSourceMAAS.py: the keys decide, not the address. */
function hashOf(keys: { consumer_key: string; token_key: string; token_secret: string }): string {
  return createHash('sha256')
    .update([keys.consumer_key, keys.token_key, keys.token_secret].join(' '))
    .digest('hex')
}

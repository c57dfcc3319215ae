import type { Config } from './config.ts'

/** The configuration as it may be shown: secrets are references already; the one setting that holds them is named only. */
export function settingsView(config: Config): Record<string, unknown> {
  const { settings, ...rest } = config
  return {
    ...rest,
    settings: { classname: settings.classname, systemUrl: settings.systemUrl === null ? null : '[hidden]' },
  }
}

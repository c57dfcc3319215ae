import { readFileSync } from 'node:fs'

/** From package.json, which lies at another depth for the sources than for what is built from them. */
export function cliVersion(): string {
  for (const place of ['../../../package.json', '../../package.json']) {
    try {
      const { name, version } = JSON.parse(readFileSync(new URL(place, import.meta.url), 'utf8'))
      if (name === 'ferrule') return String(version)
    } catch {
      // the other place then
    }
  }
  return 'unknown'
}

import type { PreMadeLag } from '../types.ts'

/** How a family says that a LAG lets a host through that does not speak LACP yet. */
export interface FallbackWords {
  /** By the lines of the LAG's own section; null: it does. Else what is wrong, after the LAG's name. */
  lacking(lines: readonly string[]): string | null
  /** What to type in the LAG's section. */
  line: string
}

/** EOS. With `individual` its members are ports again, with VLANs of their own that nobody here sets or reads. */
export const eosFallback: FallbackWords = {
  lacking(lines) {
    if (lines.some((line) => /^port-channel lacp fallback(?: static)?$/.test(line))) return null
    return lines.includes('port-channel lacp fallback individual')
      ? 'falls back to individual ports, whose VLANs are not those of the LAG'
      : 'has no LACP fallback'
  },
  line: 'port-channel lacp fallback static',
}

/** OS10: one of the members becomes operational in the port-channel. */
export const os10Fallback: FallbackWords = {
  lacking: (lines) => (lines.includes('lacp fallback enable') ? null : 'has no LACP fallback'),
  line: 'lacp fallback enable',
}

/**
 * A port-channel in a configuration that has `channel-group N mode …` in the sections of its members.
 * @param sections lines by interface, named canonically
 */
export function preMadeLagIn(
  sections: ReadonlyMap<string, readonly string[]>,
  lag: string,
  words: FallbackWords,
): PreMadeLag | null {
  const lines = sections.get(lag)
  const number = /(\d+)$/.exec(lag)?.[1]
  if (!lines || number === undefined) return null
  const members = [...sections].flatMap(([port, own]) => {
    const mode = own
      .map((line) => /^channel-group (\d+) mode (\S+)$/.exec(line))
      .find((one) => one?.[1] === number)
    return mode ? [{ port, lacp: mode[2] === 'active' || mode[2] === 'passive' }] : []
  })
  return {
    members: members.map(({ port }) => port).sort(),
    lacp: members.length > 0 && members.every(({ lacp }) => lacp),
    fallback: words.lacking(lines),
    command: `interface ${lag} / ${words.line}`,
  }
}

import type { z } from 'zod'

/** One thing wrong with the configuration. */
export interface ConfigFault {
  /** Where: `network.vlanRange.from`, or `ferrule.yaml:3:7` for text that is no YAML. */
  path: string
  /** What is wrong with it. */
  problem: string
  /** What is there, shortened; never a secret. */
  seen: string
  /** What to do. */
  remedy: string
}

/** Values below these are secrets, or are likely to be one written where its reference belongs. */
const secretPaths =
  /(^|\.)(maas\.key|maas\.url|database\.url|masterKey|cloudstack\.listen\.key|external\.baremetal\.system\.url)$/

export function describeFault(fault: ConfigFault): string {
  return `${fault.path}: ${fault.problem} (seen: ${fault.seen}). ${fault.remedy}`
}

export function faultsOf(issues: readonly z.core.$ZodIssue[], input: unknown): ConfigFault[] {
  return issues.flatMap((issue) => {
    const path = issue.path.map(String)
    if (issue.code !== 'unrecognized_keys') return [faultOf(issue, path, input)]
    return issue.keys.map((key) => ({
      path: [...path, key].join('.'),
      problem: 'is no known setting',
      seen: 'a value',
      remedy: 'Remove it, or correct its name; docs/reference/ferrule.schema.json lists all.',
    }))
  })
}

function faultOf(issue: z.core.$ZodIssue, path: string[], input: unknown): ConfigFault {
  const seen = path.reduce<unknown>((value, key) => (isRecord(value) ? value[key] : undefined), input)
  const name = path.join('.') || 'ferrule.yaml'
  const isSecret = secretPaths.test(name)
  return {
    path: name,
    problem: seen === undefined ? 'is missing' : problemOf(issue),
    seen: seen === undefined ? 'nothing' : isSecret ? 'a value that is not shown' : shorten(seen),
    remedy: remedyOf(issue, isSecret && !name.endsWith('maas.url')),
  }
}

function problemOf(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return `must be ${wordFor(issue.expected)}`
    case 'invalid_value':
      return 'is none of the allowed values'
    case 'too_small':
      return 'is too small'
    case 'too_big':
      return 'is too big'
    default:
      return issue.message
  }
}

function remedyOf(issue: z.core.$ZodIssue, isSecret: boolean): string {
  if (isSecret) return 'Write env:NAME or file:/path, and put the secret itself there.'
  switch (issue.code) {
    case 'invalid_type':
      return `Give ${wordFor(issue.expected)}.`
    case 'invalid_value':
      return `Use one of ${issue.values.map(String).join(', ')}.`
    case 'too_small':
      return issue.origin === 'string' ? 'Give some text.' : `Use ${issue.minimum} or more.`
    case 'too_big':
      return issue.origin === 'string'
        ? `Use at most ${issue.maximum} characters.`
        : `Use ${issue.maximum} or less.`
    default:
      return 'Correct it; docs/reference/ferrule.schema.json says what is allowed.'
  }
}

function wordFor(type: string): string {
  const words: Record<string, string> = {
    int: 'a whole number',
    object: 'a mapping',
    record: 'a mapping',
    array: 'a list',
  }
  return words[type] ?? `a ${type}`
}

function shorten(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value)
  return text.length > 60 ? `${text.slice(0, 57)}…` : text
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

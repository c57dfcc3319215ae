/** What a validator found, as Zod tells it. */
export interface SchemaIssue {
  code?: string | undefined
  input?: unknown
  expected?: string
  values?: readonly unknown[]
  /** What is too small or too big: number, string, array … */
  origin?: string
  minimum?: number | bigint
  maximum?: number | bigint
  inclusive?: boolean
  keys?: readonly string[]
  divisor?: number
  format?: string
  pattern?: string
}

/**
 * What is wrong with a value, in words for people that stand behind its place: "body/vlan: must be at most 4094". For
 * every schema without words of its own; the validator's are for programmers ("Too big: expected number to be <=4094").
 *
 * @returns undefined: nothing better is known than what the validator says
 */
export function schemaWords(issue: SchemaIssue): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined ? 'is missing' : `must be ${kind(issue.expected ?? 'other value')}`
    case 'invalid_value': {
      if (issue.input === undefined) return 'is missing'
      const values = (issue.values ?? []).map((value) => JSON.stringify(value) ?? String(value))
      return values.length === 1 ? `must be ${values[0]}` : `must be one of ${values.join(', ')}`
    }
    case 'too_small':
      return limit(issue.origin, issue.minimum, issue.inclusive === false ? 'more than' : 'at least')
    case 'too_big':
      return limit(issue.origin, issue.maximum, issue.inclusive === false ? 'less than' : 'at most')
    case 'unrecognized_keys':
      return `has no ${issue.keys?.map((key) => JSON.stringify(key)).join(', ')}`
    case 'not_multiple_of':
      return `must be a multiple of ${issue.divisor}`
    case 'invalid_format':
      return issue.format === 'regex' ? `must match ${issue.pattern}` : `must be a valid ${issue.format}`
    default:
      return undefined
  }
}

function limit(origin: string | undefined, bound: number | bigint | undefined, words: string): string {
  const units: Record<string, [one: string, many: string]> = {
    string: ['character', 'characters'],
    array: ['entry', 'entries'],
    set: ['entry', 'entries'],
  }
  const unit = units[origin ?? '']
  if (unit === undefined) return `must be ${words} ${bound}`
  if (words === 'at least' && bound === 1) return 'must not be empty'
  return `must have ${words} ${bound} ${bound === 1 ? unit[0] : unit[1]}`
}

function kind(type: string): string {
  const words: Record<string, string> = {
    int: 'a whole number',
    string: 'a text',
    boolean: 'true or false',
    array: 'a list',
    object: 'an object',
    record: 'an object',
    null: 'null',
  }
  return words[type] ?? `a ${type}`
}

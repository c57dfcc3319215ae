/** The parameters of one command. Undefined: not given. Maps and lists of records become CloudStack's numbered names. */
export type Params = Readonly<
  Record<
    string,
    | string
    | number
    | boolean
    | undefined
    | Readonly<Record<string, string>>
    | readonly Readonly<Record<string, string>>[]
  >
>

/** `{details: {a: '1'}}` is `details[0].a=1`; `{parameters: [{name: 'x', type: 'STRING'}]}` is `parameters[0].name=x&parameters[0].type=STRING`. */
export function flatten(params: Params): Record<string, string> {
  const flat: Record<string, string> = {}
  for (const [name, value] of Object.entries(params)) {
    if (value === undefined) continue
    if (typeof value !== 'object') {
      flat[name] = String(value)
      continue
    }
    const records = isList(value) ? value : Object.entries(value).map(([key, one]) => ({ [key]: one }))
    for (const [at, record] of records.entries())
      for (const [key, one] of Object.entries(record)) flat[`${name}[${at}].${key}`] = one
  }
  return flat
}

function isList(value: object): value is readonly Readonly<Record<string, string>>[] {
  return Array.isArray(value)
}

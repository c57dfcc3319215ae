import type { Cloud } from '../cloud.ts'
import type { Params } from './params.ts'

export type ParamKind = 'uuid' | 'string' | 'integer' | 'boolean' | 'list' | 'map' | 'date'

/** "uuid!": required. */
export type ParamSpec = ParamKind | `${ParamKind}!`

interface Common {
  name: string
  description: string
  params: Readonly<Record<string, ParamSpec>>
}

export interface SyncCommand extends Common {
  run(cloud: Cloud, params: Params): unknown
}

/** What an asynchronous command is about, known at once, and the work of its job, whose result the job then holds. */
export interface Begun {
  id?: string
  /** The kind of object, as a job tells it. */
  type?: string
  work(): Promise<unknown>
}

export interface AsyncCommand extends Common {
  begin(cloud: Cloud, params: Params): Begun
}

export type Command = SyncCommand | AsyncCommand

/** Page `page` of `pagesize`, under the object's name, with the count of all; an empty answer for an empty list. */
export function listed(name: string, items: readonly unknown[], params: Params): Record<string, unknown> {
  if (items.length === 0) return {}
  const size = params.number('pagesize')
  const page = params.number('page') ?? 1
  const shown = size === undefined ? items : items.slice((page - 1) * size, page * size)
  return { count: items.length, ...(shown.length > 0 ? { [name]: shown } : {}) }
}

interface Named {
  id: string
  name: string
}

/** The filters that nearly every list has. */
export function chosen<T extends Named>(items: readonly T[], params: Params): T[] {
  const id = params.text('id')
  const ids = params.list('ids')
  const name = params.text('name')
  const keyword = params.text('keyword')?.toLowerCase()
  return items.filter(
    (one) =>
      (id === undefined || one.id === id) &&
      (ids.length === 0 || ids.includes(one.id)) &&
      (name === undefined || one.name === name) &&
      (keyword === undefined || one.name.toLowerCase().includes(keyword)),
  )
}

/** Every list has these. */
export const LIST_PARAMS = {
  id: 'uuid',
  name: 'string',
  keyword: 'string',
  page: 'integer',
  pagesize: 'integer',
  listall: 'boolean',
} as const

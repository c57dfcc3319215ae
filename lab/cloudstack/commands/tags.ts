import { failed, invalid } from '../api/api-error.ts'
import type { Command } from '../api/command.ts'
import { LIST_PARAMS, listed } from '../api/command.ts'
import type { Params } from '../api/params.ts'
import type { Cloud } from '../cloud.ts'
import type { Tags } from '../state.ts'
import { inDomain } from './zones.ts'

/** What may have tags in the lab, by the names that the API has for it, in any case of letters. */
const KINDS = ['UserVm', 'Network', 'Vpc'] as const
type Kind = (typeof KINDS)[number]
interface Tagged {
  id: string
  tags?: Tags
}

export const tagCommands: Command[] = [
  {
    name: 'createTags',
    description: 'Creates resource tag(s)',
    params: { resourceids: 'list!', resourcetype: 'string!', tags: 'map!' },
    begin(cloud, params) {
      const tags = params.map('tags')
      return {
        async work() {
          for (const one of resources(cloud, params)) {
            const known = Object.keys(one.tags ?? {}).find((key) => key in tags)
            if (known !== undefined)
              throw failed(`tag ${known} already on ${kindOf(params)} with id ${one.id}`)
            one.tags = { ...one.tags, ...tags }
          }
          cloud.touch()
          return { success: true }
        },
      }
    },
  },
  {
    name: 'deleteTags',
    description: 'Deleting resource tag(s)',
    params: { resourceids: 'list!', resourcetype: 'string!', tags: 'map' },
    begin(cloud, params) {
      const given = params.map('tags')
      /** None given: all of them. A key without a value: whatever its value is. */
      const goes = ([key, value]: [string, string]) =>
        !params.has('tags') || (key in given && (!given[key] || given[key] === value))
      return {
        async work() {
          const before = resources(cloud, params)
          if (!before.some((one) => Object.entries(one.tags ?? {}).some(goes)))
            throw failed('Failed to delete tags')
          for (const one of before)
            one.tags = Object.fromEntries(Object.entries(one.tags ?? {}).filter((tag) => !goes(tag)))
          cloud.touch()
          return { success: true }
        },
      }
    },
  },
  {
    name: 'listTags',
    description: 'List resource tag(s)',
    params: { ...LIST_PARAMS, resourceid: 'string', resourcetype: 'string', key: 'string', value: 'string' },
    run(cloud, params) {
      const [id, kind, key, value] = ['resourceid', 'resourcetype', 'key', 'value'].map((name) =>
        params.text(name),
      )
      const tags = KINDS.flatMap((one) => ofKind(cloud, one).flatMap((item) => tagViews(cloud, one, item)))
      const fitting = tags.filter(
        (tag) =>
          (id === undefined || tag.resourceid === id) &&
          (kind === undefined || tag.resourcetype.toLowerCase() === kind.toLowerCase()) &&
          (key === undefined || tag.key === key) &&
          (value === undefined || tag.value === value),
      )
      return listed('tag', fitting, params)
    },
  },
]

/** As an object tells its own tags. */
export function tagViews(cloud: Cloud, resourcetype: Kind, { id, tags }: Tagged) {
  return Object.entries(tags ?? {}).map(([key, value]) => ({
    key,
    value,
    resourcetype,
    resourceid: id,
    ...inDomain(cloud.state),
  }))
}

function kindOf(params: Params): Kind {
  const text = params.must('resourcetype')
  const kind = KINDS.find((one) => one.toLowerCase() === text.toLowerCase())
  if (kind === undefined) throw invalid(`Invalid resource type: ${text}`)
  return kind
}

function ofKind({ state }: Cloud, kind: Kind): Tagged[] {
  return { UserVm: state.vms, Network: state.networks, Vpc: state.vpcs ?? [] }[kind]
}

function resources(cloud: Cloud, params: Params): Tagged[] {
  const kind = kindOf(params)
  return params.list('resourceids').map((id) => {
    const found = ofKind(cloud, kind).find((one) => one.id === id)
    if (found === undefined) throw invalid(`Unable to find resource by uuid ${id} and type ${kind}`)
    return found
  })
}

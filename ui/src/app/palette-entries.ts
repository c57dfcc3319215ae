import type { Schemas } from '../api/client.ts'
import { instanceDeeds } from '../pages/instance-do.ts'
import { words } from '../words.ts'

type Thing = Schemas['Found']['items'][number]
const text = words.palette

/** What can be begun from anywhere: where it is done, and how it is called. */
export const deeds = [
  ['/instances/new', text.deploy],
  ['/hosts/new', text.addHost],
  ['/racks/new/edit', text.applyRack],
] as const

export function addressOf(kind: Thing['kind'], name: string): string {
  switch (kind) {
    case 'host':
      return `/hosts/${name}`
    case 'instance':
      return `/instances/${name}`
    case 'operation':
      return `/operations/${name}`
    case 'switch':
    case 'port':
      return `/switches?q=${encodeURIComponent(name.split(' ')[0] ?? name)}`
    default:
      return `/${kind}s`
  }
}

/** "stop web1" looks for web1. */
export function targetOf(wanted: string): string {
  const [verb, ...rest] = wanted.split(/\s+/)
  return instanceDeeds.some((deed) => deed === verb) && rest.length > 0 ? rest.join(' ') : wanted
}

/** What can be done with the thing that fits best; each leads to its plan, and nothing is done before that is seen. */
export function actionsOn({ kind, name }: Thing, wanted: string) {
  if (kind !== 'instance') return []
  const verb = wanted.split(/\s+/)[0] ?? ''
  return instanceDeeds
    .filter((deed) => targetOf(wanted) === wanted || deed === verb)
    .map((deed) => ({
      name: `${words.instance[deed]} ${name}`,
      to: `/instances/${name}?do=${deed}`,
      detail: text.plan,
    }))
}

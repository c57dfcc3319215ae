import type { Schemas } from '../api/client.ts'
import { deedsOf } from '../pages/deeds.ts'
import { words } from '../words.ts'

type Thing = Schemas['Found']['items'][number]
const text = words.palette

/** What can be begun from anywhere: where it is done, and how it is called. */
export const deeds = [
  ['/instances/new', text.deploy],
  ['/hosts/new', text.addHost],
  ['/racks/new/edit', text.applyRack],
  ['/settings/provider', text.provider],
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
      return `/${kind}s/${encodeURIComponent(name)}`
  }
}

const verbs: ReadonlySet<string> = new Set(Object.values(deedsOf).flat())

/** "stop web1" looks for web1. */
export function targetOf(wanted: string): string {
  const [verb = '', ...rest] = wanted.split(/\s+/)
  return verbs.has(verb) && rest.length > 0 ? rest.join(' ') : wanted
}

/** What can be done with the thing that fits best; each leads to its plan or its question, and nothing is done before that is seen. */
export function actionsOn({ kind, name }: Thing, wanted: string) {
  const all = kind === 'instance' || kind === 'host' || kind === 'operation' ? titlesOf[kind] : []
  const verb = wanted.split(/\s+/)[0] ?? ''
  const called = kind === 'operation' ? text.operation(name).toLowerCase() : name
  return all
    .filter(([deed]) => targetOf(wanted) === wanted || deed === verb)
    .map(([deed, title]) => ({
      name: `${title} ${called}`,
      to: `/${kind}s/${name}?do=${deed}`,
      detail: text.plan,
    }))
}

const titlesOf = {
  instance: deedsOf.instance.map((deed) => [deed, words.instance[deed]] as const),
  host: deedsOf.host.map((deed) => [deed, words.host[deed]] as const),
  operation: deedsOf.operation.map((deed) => [deed, words.operation[deed]] as const),
}

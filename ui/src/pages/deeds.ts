/** What can be done with a thing from its page; in the address, so that a link leads to its plan or its question. */
export const deedsOf = {
  instance: ['start', 'stop', 'reboot', 'reinstall', 'destroy'],
  host: ['heal', 'erase', 'remove'],
  operation: ['retry', 'cancel'],
} as const

export type InstanceDeed = (typeof deedsOf)['instance'][number]
export type HostDeed = (typeof deedsOf)['host'][number]
export type OperationDeed = (typeof deedsOf)['operation'][number]

const reader =
  <Deed extends string>(deeds: readonly Deed[]) =>
  (search: Record<string, unknown>): { do?: Deed } => {
    const found = deeds.find((deed) => deed === search.do)
    return found === undefined ? {} : { do: found }
  }

/** What the form begins with, so that a link can lead to it half filled in. */
export interface DeploySearch {
  template?: string
  offering?: string
  network?: string
}

export function readDeploySearch(search: Record<string, unknown>): DeploySearch {
  const read: DeploySearch = {}
  for (const field of ['template', 'offering', 'network'] as const) {
    const value = search[field]
    if (typeof value === 'string' || typeof value === 'number') read[field] = String(value)
  }
  return read
}

/** The NIC of a machine that a rack picture shows and nobody has added. */
export function readAddHostSearch({ mac }: Record<string, unknown>): { mac?: string } {
  return typeof mac === 'string' && mac !== '' ? { mac } : {}
}

export const readInstanceSearch = reader(deedsOf.instance)
export const readHostSearch = reader(deedsOf.host)
export const readOperationSearch = reader(deedsOf.operation)

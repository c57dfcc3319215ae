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

export const readInstanceSearch = reader(deedsOf.instance)
export const readHostSearch = reader(deedsOf.host)
export const readOperationSearch = reader(deedsOf.operation)

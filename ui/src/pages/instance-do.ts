/** What can be done with an instance from its page; in the address, so that a link leads to its plan. */
export const instanceDeeds = ['start', 'stop', 'reboot', 'reinstall', 'destroy'] as const
export type InstanceDeed = (typeof instanceDeeds)[number]

export interface InstanceSearch {
  do?: InstanceDeed
}

export function readInstanceSearch(search: Record<string, unknown>): InstanceSearch {
  const found = instanceDeeds.find((deed) => deed === search.do)
  return found === undefined ? {} : { do: found }
}

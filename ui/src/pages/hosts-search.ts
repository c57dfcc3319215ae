/** What the address of the page says: filters, grouping, order and columns, so that a view can be sent to somebody. */
export interface HostsSearch {
  q?: string
  state?: string
  group?: string
  sort?: string
  down?: boolean
  columns?: string
}

const texts = ['q', 'state', 'group', 'sort', 'columns'] as const

export function readHostsSearch(search: Record<string, unknown>): HostsSearch {
  const read: HostsSearch = {}
  for (const name of texts) {
    const value = search[name]
    if (typeof value === 'string' || typeof value === 'number') read[name] = String(value)
  }
  if (search.down === true) read.down = true
  return read
}

import { infiniteQueryOptions, type QueryClient, queryOptions } from '@tanstack/react-query'
import { body, client } from './client.ts'
import { allPages } from './pages.ts'

/** How often what no event announces is asked for again. */
const OFTEN_MS = 3_000
const SELDOM_MS = 60_000

const path = (key: string) => ({ params: { path: { key } } })

export const overviewQuery = queryOptions({
  queryKey: ['overview'],
  queryFn: () => body(client.GET('/api/v1/overview')),
  refetchInterval: OFTEN_MS,
})

export const hostsQuery = (queries: QueryClient) =>
  queryOptions({
    queryKey: ['hosts'],
    queryFn: () =>
      allPages(
        (query) => client.GET('/api/v1/hosts', { params: { query } }),
        // the list that is there stays until the whole new one is
        (items) => queries.setQueryData(['hosts'], (had: typeof items | undefined) => had ?? items),
      ),
    refetchInterval: SELDOM_MS,
  })

export const hostQuery = (key: string) =>
  queryOptions({
    queryKey: ['host', key],
    queryFn: () => body(client.GET('/api/v1/hosts/{key}', path(key))),
    refetchInterval: OFTEN_MS,
  })

export const certificatesQuery = (key: string) =>
  queryOptions({
    queryKey: ['certificates', key],
    queryFn: () => body(client.GET('/api/v1/hosts/{key}/certificates', path(key))),
  })

/** Reads switches, MAAS and the BMC: not on every change. */
export const driftQuery = (key: string) =>
  queryOptions({
    queryKey: ['drift', key],
    queryFn: () => body(client.GET('/api/v1/hosts/{key}/drift', path(key))),
    staleTime: 30_000,
    retry: false,
  })

export const sensorsQuery = (key: string) =>
  queryOptions({
    queryKey: ['sensors', key],
    queryFn: () => body(client.GET('/api/v1/hosts/{key}/sensors', path(key))),
    staleTime: 30_000,
    retry: false,
  })

export const inventoryQuery = (key: string) =>
  queryOptions({
    queryKey: ['inventory', key],
    queryFn: () => body(client.GET('/api/v1/hosts/{key}/inventory', path(key))),
    staleTime: SELDOM_MS,
    retry: false,
  })

export const eventLogQuery = (key: string) =>
  queryOptions({
    queryKey: ['event-log', key],
    queryFn: () =>
      body(client.GET('/api/v1/hosts/{key}/event-log', { params: { path: { key }, query: { limit: 50 } } })),
    staleTime: SELDOM_MS,
    retry: false,
  })

export const whyQuery = (kind: 'host' | 'instance' | 'operation', key: string) =>
  queryOptions({
    queryKey: ['why', kind, key],
    queryFn: () => body(client.GET('/api/v1/why/{kind}/{key}', { params: { path: { kind, key } } })),
    refetchInterval: OFTEN_MS,
  })

export const instancesQuery = (queries: QueryClient) =>
  queryOptions({
    queryKey: ['instances'],
    queryFn: () =>
      allPages(
        (query) => client.GET('/api/v1/instances', { params: { query } }),
        (items) => queries.setQueryData(['instances'], (had: typeof items | undefined) => had ?? items),
      ),
    refetchInterval: SELDOM_MS,
  })

export const instanceQuery = (key: string) =>
  queryOptions({
    queryKey: ['instance', key],
    queryFn: () => body(client.GET('/api/v1/instances/{key}', path(key))),
    refetchInterval: OFTEN_MS,
  })

export const templatesQuery = queryOptions({
  queryKey: ['templates'],
  queryFn: () => allPages((query) => client.GET('/api/v1/templates', { params: { query } })),
  refetchInterval: OFTEN_MS,
})

export const offeringsQuery = queryOptions({
  queryKey: ['offerings'],
  queryFn: () => allPages((query) => client.GET('/api/v1/offerings', { params: { query } })),
  refetchInterval: OFTEN_MS,
})

export const networksQuery = queryOptions({
  queryKey: ['networks'],
  queryFn: () => allPages((query) => client.GET('/api/v1/networks', { params: { query } })),
  refetchInterval: OFTEN_MS,
})

/** Some at a time: each is read from its switches, and a hall has hundreds. */
export const racksQuery = (text: string) =>
  infiniteQueryOptions({
    queryKey: ['racks', text],
    queryFn: ({ pageParam }) =>
      body(
        client.GET('/api/v1/racks', {
          params: {
            query: {
              limit: 4,
              ...(text === '' ? {} : { text }),
              ...(pageParam === '' ? {} : { after: pageParam }),
            },
          },
        }),
      ),
    initialPageParam: '',
    getNextPageParam: ({ next }) => next ?? undefined,
  })

export const rackHostsQuery = (rack: string) =>
  queryOptions({
    queryKey: ['rack-hosts', rack],
    queryFn: () => allPages((page) => client.GET('/api/v1/hosts', { params: { query: { ...page, rack } } })),
    refetchInterval: SELDOM_MS,
  })

/** Read from the switch: not on every change, but when ports are said to have changed. */
export const switchPortsQuery = (address: string) =>
  queryOptions({
    queryKey: ['switch-ports', address],
    queryFn: () => body(client.GET('/api/v1/switches/{key}/ports', path(address))),
    staleTime: 30_000,
    retry: false,
  })

export const cableSummaryQuery = queryOptions({
  queryKey: ['cable-summary'],
  queryFn: () => body(client.GET('/api/v1/cables')),
  refetchInterval: ({ state }) => (state.data?.reading === true ? OFTEN_MS : SELDOM_MS),
})

export const searchQuery = (text: string) =>
  queryOptions({
    queryKey: ['search', text],
    queryFn: () => body(client.GET('/api/v1/search', { params: { query: { text, limit: 12 } } })),
    enabled: text !== '',
  })

export const maasQuery = queryOptions({
  queryKey: ['maas'],
  queryFn: () => body(client.GET('/api/v1/maas')),
  refetchInterval: SELDOM_MS,
})

export const providerQuery = queryOptions({
  queryKey: ['provider'],
  queryFn: () => body(client.GET('/api/v1/settings/provider')),
  refetchInterval: OFTEN_MS,
})

export const cablesQuery = (key: string) =>
  queryOptions({
    queryKey: ['cables', key],
    queryFn: () => body(client.GET('/api/v1/racks/{key}/cables', path(key))),
    staleTime: SELDOM_MS,
    retry: false,
  })

/** The newest ones, of one thing or of all. */
export const operationsQuery = (of: { hostId?: string; instanceId?: string; before?: string } = {}) =>
  queryOptions({
    queryKey: ['operations', of],
    queryFn: () => body(client.GET('/api/v1/operations', { params: { query: { limit: 50, ...of } } })),
    refetchInterval: OFTEN_MS,
  })

export const operationQuery = (key: string) =>
  queryOptions({
    queryKey: ['operation', key],
    queryFn: () => body(client.GET('/api/v1/operations/{key}', path(key))),
  })

/** Every event of one thing, the newest first, a page at a time. */
export const eventsQuery = (of: { hostId?: string; instanceId?: string; operationId?: string }) =>
  infiniteQueryOptions({
    queryKey: ['events', of],
    queryFn: ({ pageParam }) =>
      body(
        client.GET('/api/v1/events', {
          params: {
            query: {
              limit: 100,
              order: 'newest' as const,
              ...(pageParam === '' ? {} : { before: pageParam }),
              ...of,
            },
          },
        }),
      ),
    initialPageParam: '',
    getNextPageParam: ({ next }) => next ?? undefined,
  })

export const settingsQuery = queryOptions({
  queryKey: ['settings'],
  queryFn: () => body(client.GET('/api/v1/settings')),
})

/** Only where there is a lab: elsewhere it is not asked for. */
export const labQuery = queryOptions({
  queryKey: ['lab'],
  queryFn: () => body(client.GET('/api/v1/lab')),
  refetchInterval: OFTEN_MS,
})

export const tokensQuery = queryOptions({
  queryKey: ['tokens'],
  queryFn: () => body(client.GET('/api/v1/tokens')),
  retry: false,
})

export const healthQuery = queryOptions({
  queryKey: ['health'],
  queryFn: () => body(client.GET('/api/v1/health')),
  refetchInterval: SELDOM_MS,
})

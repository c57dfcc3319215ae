import { randomBytes } from 'node:crypto'
import { parseEndpoints } from './endpoints.ts'
import { createHttp, defaultTimeouts, type Timeouts } from './http.ts'
import { interfaces } from './interfaces.ts'
import { lifecycle } from './lifecycle.ts'
import { machineReads } from './machines.ts'
import { parseApiKey } from './oauth.ts'
import { results } from './results.ts'
import { scripts } from './scripts.ts'
import { site } from './site.ts'
import { storage } from './storage.ts'
import { tags } from './tags.ts'
import type { Maas } from './types.ts'

export interface MaasOptions {
  /** http(s)://host:5240/MAAS, or several region controllers separated by commas. */
  url: string
  /** consumer:token:secret */
  key: string
  timeouts?: Partial<Timeouts>
  random?: (bytes: number) => Uint8Array
  now?: () => number
}

/**
 * A client of MAAS's HTTP API 2.0, which is the same from 3.4 to 3.7.
 *
 * ```ts
 * const maas = createMaas({ url: 'http://maas.example:5240/MAAS', key: 'consumer:token:secret' })
 * const ready = (await maas.machines()).filter((machine) => machine.status === 'Ready')
 * ```
 */
export function createMaas(options: MaasOptions): Maas {
  const endpoints = parseEndpoints(options.url)
  const http = createHttp({
    endpoints,
    key: parseApiKey(options.key),
    timeouts: { ...defaultTimeouts, ...options.timeouts },
    random: options.random ?? randomBytes,
    now: options.now ?? Date.now,
  })
  const reads = machineReads(http)
  return {
    url: endpoints.join(','),
    ...site(http),
    ...reads,
    ...lifecycle(http),
    ...storage(http, reads.machine),
    ...tags(http),
    ...interfaces(http),
    ...results(http),
    ...scripts(http),
  }
}

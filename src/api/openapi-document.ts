import type pg from 'pg'
import type { Services } from '../services/context.ts'
import type { Mode } from '../services/recovery-mode.ts'
import { version } from '../version.ts'
import type { ProviderRoom } from './provider.ts'
import { createApi } from './server.ts'

/** The document as it is published, without a database or a MAAS: building the routes touches neither. */
export async function openApiDocument(): Promise<string> {
  const untouched = <T extends object>(what: string): T =>
    new Proxy({} as T, {
      get: () => {
        throw new Error(`building the OpenAPI document must not use ${what}`)
      },
    })
  const notHere = () => Promise.reject(new Error('building the OpenAPI document opens no console'))
  const api = await createApi({
    services: untouched<Services>('the services'),
    consoles: { join: notHere, room: () => null, rooms: () => [], close: async () => {} },
    database: untouched<pg.Pool>('the database'),
    log: () => {},
    version,
    hashToken: () => '',
    mode: untouched<Mode>('the mode'),
    settings: () => ({}),
    provider: untouched<ProviderRoom>('the settings'),
    meters: { text: async () => '' },
  })
  const document = JSON.stringify(api.swagger(), null, 2)
  await api.close()
  return `${document}\n`
}

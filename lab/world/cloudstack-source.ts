import type { HttpRequest } from './types.ts'

/** One request to the virtual router from this server's own address; null: there is no such thing, or nobody. */
export type AskRouter = (request: HttpRequest) => string | null

/** What cloud-init's data source CloudStack finds. */
export interface RouterData {
  instanceId: string
  hostname: string | null
  sshKeys: string[]
  userData: string | null
  /** null: the router has none that was not fetched yet. */
  password: string | null
}

const METADATA_PORT = 80
const PASSWORD_PORT = 8080

/**
 * DataSourceCloudStack of cloud-init: user-data and metadata from the virtual router, then the password from its password
 * server. Null: nobody serves metadata here.
 */
export function askVirtualRouter(ask: AskRouter): RouterData | null {
  const metadata = (name: string) => ask({ port: METADATA_PORT, path: `/latest/meta-data/${name}` })
  const instanceId = metadata('instance-id')
  if (instanceId === null) return null
  return {
    instanceId,
    hostname: metadata('local-hostname') || null,
    sshKeys: (metadata('public-keys') ?? '').split('\n').filter((line) => line !== ''),
    userData: ask({ port: METADATA_PORT, path: '/latest/user-data' }),
    password: fetchPassword(ask),
  }
}

/** CloudStack's protocol: a password is given until it is said to be saved, and then no more. */
function fetchPassword(ask: AskRouter): string | null {
  const say = (word: string) => ask({ port: PASSWORD_PORT, path: '/', headers: { domu_request: word } })
  const answer = say('send_my_password')
  if (answer === null || answer === '' || answer === 'saved_password' || answer === 'bad_request') return null
  say('saved_password')
  return answer
}

import type { HttpRequest } from '../world/types.ts'

/** What the router knows of the NIC whose address asks. */
interface Asker {
  ip: string
  userData: string
  sshKeys: readonly string[]
  hostname: string
  instanceId: string
  /** null: none, or it was fetched. */
  password: string | null
}

/** What a virtual router serves over HTTP beside DHCP: metadata on port 80, and the password server on port 8080. */
export function routerAnswer(nic: Asker, request: HttpRequest, saved: () => void): string | null {
  if (request.port === 8080) return passwordAnswer(nic, request.headers?.domu_request, saved)
  return request.port === 80 ? metadataAnswer(nic, request.path) : null
}

/** systemvm/debian/opt/cloud/bin/passwd_server_ip.py: whose password it is, the address alone decides. */
function passwordAnswer({ password }: Asker, said: string | undefined, saved: () => void): string {
  if (said === 'send_my_password') return password ?? 'saved_password'
  if (said !== 'saved_password') return 'bad_request'
  saved()
  return 'saved_password'
}

function metadataAnswer(nic: Asker, path: string): string | null {
  if (path === '/latest/user-data') return nic.userData === '' ? null : nic.userData
  const name = /^\/latest\/meta-data\/(.*)$/.exec(path)?.[1]
  const served: Readonly<Record<string, string>> = {
    'instance-id': nic.instanceId,
    'vm-id': nic.instanceId,
    'local-hostname': nic.hostname,
    'local-ipv4': nic.ip,
    'public-keys': nic.sshKeys.join('\n'),
  }
  if (name === '') return Object.keys(served).join('\n')
  return name !== undefined && Object.hasOwn(served, name) ? (served[name] ?? null) : null
}

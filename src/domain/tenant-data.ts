/** What a tenant gave CloudStack for the first boot of a server. It may hold secrets: sealed at rest, in no log and no event. */
export interface TenantData {
  /** As the tenant wrote it; null: none. */
  userData: string | null
  sshKeys: readonly string[]
  /** The server's name in its network; null: not said. */
  hostname: string | null
}

/** The same, for one installation. */
export interface TenantSeed extends TenantData {
  /** cloud-init takes a system with another one for new, and runs the user data again. */
  instanceId: string
}

export function sameTenantData(a: TenantData, b: TenantData): boolean {
  const parts = ({ userData, sshKeys, hostname }: TenantData) => JSON.stringify([userData, sshKeys, hostname])
  return parts(a) === parts(b)
}

const FOLDER = '/var/lib/cloud/seed/nocloud'

/** The two files that cloud-init's data source NoCloud reads at the boot in the tenant's network, where nobody serves any. */
export function seedFiles(
  { instanceId, userData, sshKeys, hostname }: TenantSeed,
  otherwise: string,
): { path: string; content: string }[] {
  const metaData = {
    'instance-id': instanceId,
    'local-hostname': hostname ?? otherwise,
    ...(sshKeys.length > 0 ? { 'public-keys': sshKeys } : {}),
  }
  return [
    // JSON is YAML
    { path: `${FOLDER}/meta-data`, content: `${JSON.stringify(metaData)}\n` },
    { path: `${FOLDER}/user-data`, content: userData ?? '' },
  ]
}

import type { TenantData } from '../domain/tenant-data.ts'
import { sameTenantData } from '../domain/tenant-data.ts'
import type { Database } from '../store/database.ts'
import { insertEvent } from '../store/events.ts'
import { instanceByExternalId } from '../store/instances.ts'
import { putTenantData, sealedTenantData, vmOfNic } from '../store/tenant-data.ts'
import type { Services } from './context.ts'

const PURPOSE = 'tenant-data'

/** Opened for the moment of an installation only. */
export function tenantDataAccess(db: Database, unseal: Services['unseal']) {
  return async (externalId: string, nicId: string): Promise<TenantData | null> => {
    const sealed = await sealedTenantData(db, externalId, nicId)
    // sealed by rememberTenantData, under this very purpose
    return sealed === null
      ? null
      : (JSON.parse(unseal(PURPOSE, place(externalId, nicId), sealed)) as TenantData)
  }
}

/** What CloudStack says of a NIC's VM. It reaches a server with its installation, and an installed one with the next. */
export async function rememberTenantData(
  services: Services,
  { externalId, nicId }: { externalId: string; nicId: string },
  data: TenantData,
): Promise<void> {
  const { db, tenantData } = services.tools
  const before = await tenantData(externalId, nicId)
  if (before && sameTenantData(before, data)) return
  const sealed = services.seal(PURPOSE, place(externalId, nicId), JSON.stringify(data))
  await putTenantData(db, { externalId, nicId, sealed, hostname: data.hostname })
  const instance = before && (await instanceByExternalId(db, externalId))
  if (instance?.state === 'running' || instance?.state === 'stopped')
    await insertEvent(db, {
      kind: 'instance.user-data',
      instanceId: instance.id,
      message: `CloudStack has other user data or SSH keys for ${instance.name}; its system keeps what it was installed with until a reinstall`,
    })
}

/** One part of it; of a NIC that nothing was ever said of there is nothing to change. */
export async function changeTenantData(
  services: Services,
  nicId: string,
  change: Partial<TenantData>,
): Promise<void> {
  const externalId = await vmOfNic(services.tools.db, nicId)
  if (externalId === null) return
  const before = await services.tools.tenantData(externalId, nicId)
  if (before) await rememberTenantData(services, { externalId, nicId }, { ...before, ...change })
}

function place(externalId: string, nicId: string): string {
  return `${externalId}/${nicId}`
}

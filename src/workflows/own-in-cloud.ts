import { ownInCloud } from '../domain/cloud-host.ts'
import { isRipe } from '../domain/cloud-view.ts'
import { cloudFindings } from '../store/cloud-findings.ts'
import { knownCloudHosts } from '../store/cloud-hosts.ts'
import type { Queryable } from '../store/database.ts'

/** What the planner must keep out of CloudStack's pools: as long as three looks have not seen that such a host is gone. */
export async function hostsOwnInCloud(db: Queryable): Promise<ReadonlyMap<string, string>> {
  const [known, findings] = await Promise.all([knownCloudHosts(db), cloudFindings(db)])
  const gone = findings.filter((one) => one.code === 'host-gone' && isRipe(one))
  return ownInCloud(known, new Set(gone.map(({ key }) => key.replace(/^host:/, ''))))
}

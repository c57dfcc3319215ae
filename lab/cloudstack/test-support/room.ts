import { createHmac } from 'node:crypto'
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { createClock } from '../../world/clock.ts'
import type { DhcpServer } from '../../world/types.ts'
import { type CloudstackPart, createCloudstack } from '../cloudstack.ts'
import { VirtualRouters } from '../routers.ts'

/** Notes each call, keeps its payload, and does what stands in a file of the action's name, if there is one. */
const PROGRAM = `#!/bin/sh
cd "$(dirname "$0")" || exit 9
echo "$1 $3" >> calls
cp "$2" "payload-$1.json"
[ -f "do-$1" ] && . "./do-$1"
exit 0
`

// biome-ignore lint/suspicious/noExplicitAny: JSON of any command; a test looks into what it asked for
export type Answer = any

export interface CloudRoom {
  cloudstack: CloudstackPart
  routers: VirtualRouters
  dhcp: Map<number, DhcpServer>
  ids: { zone: string; template: string; offering: string; extension: string; isolated: string; l2: string }
  /** One signed call; the answer without its root. Rejects with the error's text. */
  api(command: string, params?: Record<string, string>): Promise<Answer>
  /** The same, and the result of its job. */
  job(command: string, params?: Record<string, string>): Promise<Answer>
  ended(jobid: string): Promise<Answer>
  /** What the extension does from now on when it is called so: a piece of sh. */
  when(action: string, script: string): Promise<void>
  /** What it was called with since this was last asked: "create 1800". */
  calls(): Promise<string[]>
  payload(action: string): Promise<Answer>
  network(name: string, params?: Record<string, string>): Promise<string>
  deploy(name: string, network: string): Promise<Answer>
  stop(): Promise<void>
}

/** CloudStack alone, with an extension that the test writes, and a host, a template and an offering. */
export async function cloudRoom(scale = 1000): Promise<CloudRoom> {
  const folder = await mkdtemp(join(tmpdir(), 'lab-cloud-room-'))
  const path = join(folder, 'metal.sh')
  await writeFile(path, PROGRAM)
  await chmod(path, 0o755)
  const clock = createClock({ scale })
  const dhcp = new Map<number, DhcpServer>()
  const routers = new VirtualRouters(dhcp, () => clock.now())
  const cloudstack = createCloudstack({
    plan: { site: 1, seed: 1, cloudstack: { address: '127.0.0.1', port: 0 } },
    world: { clock },
    routers,
    options: { extension: { path } },
    dataDir: undefined,
    saved: undefined,
  })
  Object.assign(cloudstack.dials, { pingMs: 0, networkGcMs: 100_000 })
  await cloudstack.open()

  async function api(command: string, params: Record<string, string> = {}): Promise<Answer> {
    const { apiKey, secretKey } = cloudstack.keys
    const all = { ...params, command, response: 'json', apiKey }
    const response = await fetch(`${cloudstack.url}?${signed(all, secretKey)}`)
    const body: Answer = await response.json()
    const [answer]: Answer[] = Object.values(body)
    if (!response.ok) throw new Error(`${answer.errorcode} ${answer.errortext}`)
    return answer
  }
  async function ended(jobid: string): Promise<Answer> {
    for (;;) {
      const job = await api('queryAsyncJobResult', { jobid })
      if (job.jobstatus === 1) return job.jobresult
      if (job.jobstatus === 2) throw new Error(`${job.jobresultcode} ${job.jobresult.errortext}`)
      await pause(5)
    }
  }
  const job = async (command: string, params: Record<string, string>) =>
    ended((await api(command, params)).jobid)

  const zoneid = (await api('listZones')).zone[0].id
  const podid = (await api('listPods')).pod[0].id
  const offerings: { id: string; name: string }[] = (await api('listNetworkOfferings')).networkoffering
  const offeringId = (name: string) => offerings.find((one) => one.name === name)?.id ?? ''
  const { extension } = await api('createExtension', {
    name: 'metal',
    type: 'Orchestrator',
    orchestratorrequirespreparevm: 'true',
    'details[0].extkey': 'extval',
  })
  const { cluster } = await api('addCluster', {
    zoneid,
    podid,
    clustername: 'metal',
    clustertype: 'CloudManaged',
    hypervisor: 'External',
  })
  await api('registerExtension', {
    extensionid: extension.id,
    resourceid: cluster[0].id,
    resourcetype: 'Cluster',
    'details[0].key': 'zone',
    'details[0].value': 'z1',
  })
  await api('addHost', {
    zoneid,
    podid,
    clusterid: cluster[0].id,
    hypervisor: 'External',
    url: 'http://racks',
    'externaldetails[0].node': 'n1',
  })
  const { template } = await api('registerTemplate', {
    name: 'jammy',
    url: 'http://none',
    format: 'EXTERNAL',
    hypervisor: 'External',
    zoneid,
    extensionid: extension.id,
    'externaldetails[0].image': 'ubuntu/jammy',
  })
  const { serviceoffering } = await api('createServiceOffering', { name: 's', cpunumber: '1', memory: '512' })
  const ids = {
    zone: zoneid,
    template: template[0].id,
    offering: serviceoffering.id,
    extension: extension.id,
    isolated: offeringId('DefaultIsolatedNetworkOfferingWithSourceNatService'),
    l2: offeringId('DefaultL2NetworkOfferingVlan'),
  }
  let read = 0
  return {
    cloudstack,
    routers,
    dhcp,
    ids,
    api,
    job,
    ended,
    when: (action, script) => writeFile(join(folder, `do-${action}`), script),
    async calls() {
      const text = await readFile(join(folder, 'calls'), 'utf8').catch(() => '')
      const lines = text.split('\n').filter((line) => line !== '')
      const fresh = lines.slice(read)
      read = lines.length
      return fresh
    },
    payload: async (action) => JSON.parse(await readFile(join(folder, `payload-${action}.json`), 'utf8')),
    async network(name, params = {}) {
      return (await api('createNetwork', { name, zoneid, networkofferingid: ids.isolated, ...params }))
        .network.id
    },
    async deploy(name, network) {
      const params = { zoneid, templateid: ids.template, serviceofferingid: ids.offering }
      return (await job('deployVirtualMachine', { ...params, name, networkids: network })).virtualmachine
    },
    async stop() {
      await cloudstack.stop()
      // a process that outlived its server may still be writing there
      await rm(folder, { recursive: true, maxRetries: 50, retryDelay: 20 })
    },
  }
}

/** As CloudStack's documentation says: sorted, in lower case, HMAC-SHA1. */
export function signed(params: Record<string, string>, secret: string): string {
  const pairs = Object.entries(params)
    .sort(([a], [b]) => (a.toLowerCase() < b.toLowerCase() ? -1 : 1))
    .map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
  const signature = createHmac('sha1', secret).update(pairs.join('&').toLowerCase()).digest('base64')
  return `${pairs.join('&')}&signature=${encodeURIComponent(signature)}`
}

import { z } from 'zod'
import type { CloudVm } from '../domain/cloud-view.ts'
import { differenceOf, isOurs, isRipe, unknownVm } from '../domain/cloud-view.ts'
import type { Instance } from '../domain/instance.ts'
import { normaliseMac } from '../domain/mac.ts'
import { parseBroadcastUri } from '../domain/vlan.ts'
import type { Services } from '../services/context.ts'
import { recordCloudFindings } from '../store/cloud-findings.ts'
import { recordCloudSights } from '../store/cloud-sights.ts'
import { cloudViews, endFailedInstance, recordCloudLook } from '../store/cloud-views.ts'
import { insertEvent } from '../store/events.ts'
import { listInstances, recordTenants } from '../store/instances.ts'
import { listOperations } from '../store/operations.ts'
import { databaseTime } from '../store/switch-looks.ts'
import type { Log } from '../telemetry/log.ts'
import type { CloudstackClient } from './client/client.ts'
import { type WireHost, wireHost } from './hosts/details.ts'
import type { HostKeeper } from './hosts/keeper.ts'
import type { RackKeeper } from './racks/keeper.ts'
import { wireRct } from './racks/keeper.ts'

const nic = z.object({ macaddress: z.string(), broadcasturi: z.string().optional() })
const virtualMachine = z.object({
  id: z.string(),
  name: z.string(),
  instancename: z.string().optional(),
  hostid: z.string().optional(),
  details: z.record(z.string(), z.unknown()).optional(),
  state: z.string(),
  account: z.string().optional(),
  domain: z.string().optional(),
  domainpath: z.string().optional(),
  project: z.string().optional(),
  nic: z.array(nic).optional(),
})

/** Accounts of two domains may have one name. */
function tenantOf({ account, project, domain, domainpath }: z.infer<typeof virtualMachine>): string | null {
  const name = project ?? account
  const path = domainpath ?? domain
  return name === undefined ? null : path === undefined ? name : `${path}/${name}`
}

/** What CloudStack has of each instance that came from it. */
function sightsOf(instances: readonly Instance[], vms: ReadonlyMap<string, CloudVm>) {
  return instances.flatMap(({ id, externalId }) => {
    if (externalId === null) return []
    const vm = vms.get(externalId)
    return [{ instanceId: id, vm: vm ? { state: vm.state, nics: vm.nics } : null }]
  })
}

/** More than there are at once; above it none is judged, because some would be missing. */
const MOST = 100_000

export interface ReconcilerOptions {
  client: CloudstackClient
  /** The extension's name in CloudStack: what is another's is nothing to us. */
  extension: string
  hosts: HostKeeper
  /** Null: rack configurations of CloudStack's are not looked at. */
  racks: RackKeeper | null
  /** Between two looks. Milliseconds. */
  everyMs: number
  log: Log
}

/**
 * Looks at CloudStack's own records for what its extension never hears: a VM that went without a delete, one that it
 * believes to run or not to, NICs. It records what differs, and touches no device.
 */
export class CloudstackReconciler {
  readonly #services: Services
  readonly #options: ReconcilerOptions
  #timer: NodeJS.Timeout | undefined
  #looking: Promise<void> = Promise.resolve()
  #isLooking = false
  #hinted = false
  #started = false
  #stopped = false
  #failing = false

  constructor(services: Services, options: ReconcilerOptions) {
    this.#services = services
    this.#options = options
  }

  start(): void {
    this.#started = true
    this.#later(this.#options.everyMs)
  }

  /** Something may have changed: looked at soon, however often this is said. What it was is not believed. */
  hint(): void {
    // not before the records are known to be as new as the world
    if (this.#hinted || !this.#started || this.#stopped) return
    this.#hinted = true
    if (!this.#isLooking) this.#later(Math.min(1_000, this.#options.everyMs))
  }

  async stop(): Promise<void> {
    this.#stopped = true
    clearTimeout(this.#timer)
    await this.#looking
  }

  #later(ms: number): void {
    if (this.#stopped) return
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => {
      this.#looking = this.#turn()
    }, ms)
    this.#timer.unref()
  }

  async #turn(): Promise<void> {
    const { log, everyMs } = this.#options
    this.#isLooking = true
    this.#hinted = false
    try {
      await this.#look()
      if (this.#failing) log('info', 'CloudStack is looked at again')
      this.#failing = false
    } catch (error) {
      // one word per outage; what was seen before it stays, and counts on after it
      if (!this.#failing) log('warn', 'CloudStack could not be looked at', { error: String(error) })
      this.#failing = true
    } finally {
      this.#isLooking = false
      this.#later(this.#hinted ? Math.min(1_000, everyMs) : everyMs)
    }
  }

  async #look(): Promise<void> {
    const { db } = this.#services.tools
    // ours first: an instance that is made meanwhile is then not judged by an older answer
    const begun = await databaseTime(db)
    const instances = await listInstances(db, { limit: MOST })
    const vms = await this.#vms()
    await recordCloudSights(db, begun, sightsOf(instances, vms))
    const busy = new Set((await listOperations(db, { live: true, limit: MOST })).map((one) => one.instanceId))
    const differences = instances.flatMap((instance) => {
      if (instance.externalId === null || busy.has(instance.id)) return []
      const difference = differenceOf(instance, vms.get(instance.externalId))
      return difference === null ? [] : [{ ...difference, instanceId: instance.id }]
    })
    await recordTenants(
      db,
      new Map([...vms].flatMap(([id, { tenant }]) => (tenant === null ? [] : [[id, tenant]]))),
    )
    await recordCloudLook(db, differences, this.#options.everyMs)
    await this.#findings(instances, vms)
    for (const view of await cloudViews(db))
      if (view.code === 'vm-over' && isRipe(view) && (await endFailedInstance(db, view.instanceId)))
        await insertEvent(db, {
          kind: 'instance.ended',
          instanceId: view.instanceId,
          message: view.message,
        })
  }

  /** What only CloudStack has: rack configurations, hosts, and VMs that it believes to run. */
  async #findings(instances: readonly Instance[], vms: ReadonlyMap<string, CloudVm>): Promise<void> {
    const { client, everyMs, hosts, racks } = this.#options
    const { db } = this.#services.tools
    const wires = await this.#hosts()
    const rcts = racks ? await client.list('listBaremetalRct', 'baremetalrct', {}, wireRct) : []
    const known = new Set(instances.map(({ externalId }) => externalId))
    const hostIds = new Set(wires.map(({ id }) => id))
    const unknown = [...vms.values()].filter((vm) => !known.has(vm.id) && isOurs(vm, hostIds))
    const findings = [
      ...((await racks?.compare(rcts)) ?? []),
      ...(await hosts.compare(wires)),
      ...unknown.flatMap(unknownVm),
    ]
    await recordCloudFindings(db, findings, everyMs)
    // racks first: a host is enlisted on the ports that they give it
    await racks?.act()
    await hosts.act(wires)
  }

  /** The extension's own, and those of the old bare-metal plugin. */
  async #hosts(): Promise<WireHost[]> {
    const { client, extension } = this.#options
    const found: WireHost[] = []
    for (const hypervisor of ['External', 'BareMetal']) {
      const params = { listall: true, hypervisor, type: 'Routing', details: 'all' }
      found.push(...(await client.list('listHosts', 'host', params, wireHost)))
    }
    return found.filter(({ extensionname }) => extensionname === undefined || extensionname === extension)
  }

  /** Of every account, and of every project: a list of all leaves those of projects out. */
  async #vms(): Promise<Map<string, CloudVm>> {
    const all = new Map<string, CloudVm>()
    for (const project of [{}, { projectid: -1 }]) {
      const params = { listall: true, hypervisor: 'External', ...project }
      const { client } = this.#options
      for (const vm of await client.list('listVirtualMachines', 'virtualmachine', params, virtualMachine))
        all.set(vm.id, {
          id: vm.id,
          name: vm.instancename ?? vm.name,
          tenant: tenantOf(vm),
          state: vm.state,
          hostId: vm.hostid ?? null,
          wasPrepared: vm.details?.['External:ferrule_token'] !== undefined,
          nics: (vm.nic ?? []).map(({ macaddress, broadcasturi }) => ({
            mac: normaliseMac(macaddress),
            vlan: parseBroadcastUri(broadcasturi),
          })),
        })
    }
    return all
  }
}

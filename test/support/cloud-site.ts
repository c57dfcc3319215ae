import { rm } from 'node:fs/promises'
import type { CloudstackPart } from '../../lab/cloudstack/cloudstack.ts'
import type { Lab } from '../../lab/types.ts'
import { createCloudstackClient } from '../../src/cloudstack/client/client.ts'
import { install } from '../../src/cloudstack/install/install.ts'
import type { InstallOptions } from '../../src/cloudstack/install/piece.ts'
import { askCloud } from './cloud.ts'
import type { Controller } from './controller.ts'
import { Production, type ProductionOptions } from './production.ts'
import { ServerSight } from './server-sight.ts'

/** Until a wipe or a deployment is through, on a machine that is busy otherwise. */
export const WAIT = { timeout: 100_000, interval: 200 }
export const ISOLATED = 'DefaultIsolatedNetworkOfferingWithSourceNatService'

/** What the installer makes in an empty zone: one pool, one image, one size, which is the one of the lab's servers. */
export async function installInCloud(
  { url, keys: { apiKey, secretKey } }: Pick<CloudstackPart, 'url' | 'keys'>,
  more: Partial<InstallOptions> = {},
): Promise<void> {
  const client = createCloudstackClient({ url, apiKey, secretKey, now: Date.now, sleep: async () => {} })
  const options = {
    ...{ name: 'ferrule', zone: null, pod: null, images: ['ubuntu/jammy'] },
    ...{ sizes: [{ cpuCount: 16, memoryMib: 65_536 }], ...more },
  }
  await install({ files: null, site: { client, options } }, { dryRun: false, report: () => {} })
}

/** The daemon as a process on the lab, and the lab's CloudStack, which calls it: what an operator has, and his cloud users. */
export class CloudSite {
  readonly folder: string
  readonly production: Production
  /** Those that are to become servers. */
  #hosts: readonly string[] = []

  private constructor(folder: string, production: Production) {
    this.folder = folder
    this.production = production
  }

  /** @param folder of this test; it goes with `close` */
  static async open(folder: string, options: Omit<ProductionOptions, 'cloudstack'> = {}): Promise<CloudSite> {
    return new CloudSite(folder, await Production.open(folder, { ...options, cloudstack: true }))
  }

  /** The racks, these hosts, clean, and what the installer makes in CloudStack, with the shortest of wipes. */
  async furnish(hosts: readonly string[], more: Partial<InstallOptions> = {}): Promise<void> {
    this.#hosts = hosts
    await this.production.applyRacks()
    await this.production.addHosts(hosts)
    await installInCloud(this.cloud, more)
    for (const offering of this.cloud.state.serviceOfferings) offering.externalDetails.erase = 'quick'
  }

  async close(): Promise<void> {
    await this.production.close()
    await rm(this.folder, { recursive: true, force: true })
  }

  get lab(): Lab {
    return this.production.lab
  }

  get cloud(): CloudstackPart {
    return this.production.lab.cloudstack
  }

  get controller(): Controller {
    return this.production.controller
  }

  get sight(): ServerSight {
    return new ServerSight(this.production, this.#hosts)
  }

  /** As a client of CloudStack's asks, to the end of its job. */
  ask(command: string, params: Record<string, string> = {}) {
    return askCloud(this.cloud, command, params)
  }

  /** What the daemon's own API answers. */
  async get(path: string) {
    return (await this.controller.call('GET', path)).body
  }

  async attention() {
    return (await this.get('overview')).attention
  }

  get zone(): { zoneid: string } {
    return { zoneid: this.cloud.state.zone.id }
  }

  networkOffering(name: string): string {
    const found = this.cloud.state.networkOfferings.find((one) => one.name === name)
    if (found === undefined) throw new Error(`CloudStack has no network offering ${name}`)
    return found.id
  }

  /** Its id in CloudStack. Nothing else said, it is isolated, with a virtual router of its own. */
  async network(name: string, params: Record<string, string> = {}): Promise<string> {
    const networkofferingid = this.networkOffering(ISOLATED)
    return (await this.ask('createNetwork', { name, ...this.zone, networkofferingid, ...params })).network.id
  }

  /** What a cloud user asks for, who has nothing to choose from. */
  deployment(name: string, networkids: string, more: Record<string, string> = {}): Record<string, string> {
    const { templates, serviceOfferings } = this.cloud.state
    const [template] = templates
    const [offering] = serviceOfferings
    if (!template || !offering) throw new Error('CloudStack has no template or no offering')
    const things = { templateid: template.id, serviceofferingid: offering.id }
    return { name, networkids, ...this.zone, ...things, ...more }
  }

  /** The VM as CloudStack answers it, once it runs. */
  async deploy(name: string, networkids: string, more: Record<string, string> = {}) {
    return (await this.ask('deployVirtualMachine', this.deployment(name, networkids, more))).virtualmachine
  }

  async stop({ id }: { id: string }): Promise<void> {
    await this.ask('stopVirtualMachine', { id })
  }

  async start({ id }: { id: string }) {
    return (await this.ask('startVirtualMachine', { id })).virtualmachine
  }

  async expunge({ id }: { id: string }): Promise<void> {
    await this.ask('destroyVirtualMachine', { id, expunge: 'true' })
  }

  /** The VLANs of a machine's ports, one list for each, the untagged one first. */
  vlansOf(machine: string): (number | null)[][] {
    return this.production.portsOf(machine).map(({ untagged, tagged }) => [untagged, ...tagged])
  }
}

import { z } from 'zod'
import { FerruleError } from '../../../../domain/errors.ts'
import type { SwitchLease } from '../../../../domain/lease.ts'
import { type HttpFamily, httpTarget } from '../../https/target.ts'
import { PortsMoved } from '../../ports-moved.ts'
import type { SwitchEndpoint, SwitchTimeouts } from '../../types.ts'
import { openConfig } from '../dialect.ts'
import { notUnderstood } from '../errors.ts'
import { bare, parseInterfaces } from '../json-model.ts'
import { sameConfig } from '../model.ts'
import type { Edits } from '../plan.ts'
import type { Snapshot, Traits, Transport } from '../transport.ts'
import { type Offer, offerOf, saidBySubscription, treeAt } from './answer.ts'
import { GnmiClient } from './client.ts'
import {
  getRequest,
  interfacesPath,
  lldpInterfacesPath,
  macEntriesPath,
  portsSubscription,
  setRequest,
  vlansPath,
} from './words.ts'

const defaultTimeouts: SwitchTimeouts = { connectMs: 10_000, requestMs: 30_000 }

const madeVlans = z.looseObject({
  vlan: z
    .array(
      z.looseObject({
        'vlan-id': z.coerce.number().int(),
        config: z.looseObject({ name: z.string().optional() }).optional(),
      }),
    )
    .default([]),
})

/** OpenConfig over gNMI: a Set is one transaction. */
export class GnmiTransport implements Transport {
  readonly address: string
  readonly #client: GnmiClient
  /** Of the switch; it is asked once. */
  #offer: Offer | null = null

  constructor(endpoint: SwitchEndpoint, family: HttpFamily, timeouts: Partial<SwitchTimeouts> = {}) {
    this.address = endpoint.address
    this.#client = new GnmiClient(httpTarget(endpoint, family), endpoint, { ...defaultTimeouts, ...timeouts })
  }

  get traits(): Traits {
    return {
      dialect: openConfig,
      capabilities: {
        transaction: 'atomic',
        // gNMI has no start-up configuration: the switch must keep what is set.
        saveSeparate: false,
        nativelessTrunk: false,
        fdb: this.#offer?.models.has('openconfig-network-instance') ?? false,
        implicitVlans: this.#offer !== null && !this.#offer.models.has('openconfig-network-instance'),
      },
    }
  }

  async read(): Promise<Snapshot> {
    const { models } = await this.#offered()
    const tree = await this.#tree(interfacesPath, 'interface')
    const vlans = models.has('openconfig-network-instance') ? await this.#vlans() : null
    return this.#understood(() => ({ ...parseInterfaces(tree ?? {}), vlans }))
  }

  async macTable(): Promise<unknown> {
    const { models } = await this.#offered()
    if (!models.has('openconfig-network-instance')) return undefined
    return { entries: (await this.#tree(macEntriesPath, 'entry', 'STATE')) ?? {} }
  }

  async lldpInterfaces(): Promise<unknown> {
    const { models } = await this.#offered()
    if (!models.has('openconfig-lldp')) return undefined
    return (await this.#tree(lldpInterfacesPath, 'interface', 'STATE')) ?? {}
  }

  async write(lease: SwitchLease, edits: Edits): Promise<void> {
    const { ports } = await this.read()
    const moved = edits.ports.filter(({ port, before }) => {
      const seen = ports.get(port)
      return seen === undefined || !sameConfig(seen, before, openConfig)
    })
    if (moved.length > 0)
      throw new PortsMoved(
        this.address,
        moved.map(({ port }) => port),
      )
    await lease.check()
    await this.#client.call('Set', setRequest(edits), lease.signal)
  }

  /** What is set is kept, as the page of this type demands of the switch. */
  async save(): Promise<void> {}

  async watch(changed: () => void, signal: AbortSignal): Promise<void> {
    await this.#offered(signal)
    // some send what is there before they say that they have, although they were asked not to
    let synchronised = false
    const told = (message: unknown) => {
      const said = saidBySubscription(message)
      if (said === 'synchronised') synchronised = true
      if (synchronised && said !== null) changed()
    }
    await this.#client.subscribe(portsSubscription(), told, signal)
  }

  close(): void {
    this.#client.close()
  }

  async #offered(signal?: AbortSignal): Promise<Offer> {
    if (this.#offer) return this.#offer
    const answer = await this.#client.call('Capabilities', {}, signal)
    const offer = this.#understood(() => offerOf(answer))
    const { models, encodings } = offer
    if (!encodings.has('JSON_IETF')) throw notUnderstood(this.address, 'it does not speak JSON_IETF')
    if ([...models].some((name) => name.startsWith('sonic-'))) {
      throw notUnderstood(
        this.address,
        'it is a SONiC, whose VLANs differ: drive it as RESTCONF or SONiC-CLI',
      )
    }
    const missing = ['openconfig-interfaces', 'openconfig-vlan'].filter((name) => !models.has(name))
    if (missing.length > 0) throw notUnderstood(this.address, `it has no ${missing.join(' and no ')}`)
    this.#offer = offer
    return offer
  }

  async #vlans(): Promise<{ vlan: number; description: string | null }[]> {
    const tree = await this.#tree(vlansPath, 'vlan')
    const parsed = madeVlans.safeParse(bare(tree ?? {}))
    if (!parsed.success) throw notUnderstood(this.address, 'its VLANs are not as the model has them')
    return parsed.data.vlan.map((one) => ({ vlan: one['vlan-id'], description: one.config?.name ?? null }))
  }

  async #tree(path: typeof interfacesPath, list: string, type?: 'STATE'): Promise<unknown> {
    const answer = await this.#client.call('Get', getRequest(path, type))
    const names = path.elem.map(({ name }) => name)
    return this.#understood(() => treeAt(answer, names, list))
  }

  #understood<T>(read: () => T): T {
    try {
      return read()
    } catch (error) {
      if (error instanceof FerruleError) throw error
      throw notUnderstood(this.address, error instanceof Error ? error.message : String(error))
    }
  }
}

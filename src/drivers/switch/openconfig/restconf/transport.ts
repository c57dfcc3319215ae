import { z } from 'zod'
import type { SwitchLease } from '../../../../domain/lease.ts'
import { HttpSwitchClient } from '../../https/client.ts'
import { type HttpFamily, httpTarget } from '../../https/target.ts'
import type { SwitchEndpoint, SwitchTimeouts } from '../../types.ts'
import { memberLists } from '../dialect.ts'
import { notUnderstood } from '../errors.ts'
import { parseInterfaces } from '../json-model.ts'
import type { Edits } from '../plan.ts'
import type { Snapshot, Traits, Transport } from '../transport.ts'
import { RestconfApi } from './api.ts'
import { saveRunning } from './save.ts'
import { writeEdits } from './write.ts'

const traits: Traits = {
  dialect: memberLists,
  capabilities: {
    transaction: 'none',
    saveSeparate: true,
    nativelessTrunk: true,
    fdb: true,
  },
}

const MAC_TABLE = 'openconfig-network-instance:network-instances/network-instance=default/fdb/mac-table'

const LLDP = 'openconfig-lldp:lldp/interfaces'

const macTop = z.looseObject({ 'openconfig-network-instance:mac-table': z.unknown() })

const lldpTop = z.looseObject({ 'openconfig-lldp:interfaces': z.unknown() })

const top = z.looseObject({ 'openconfig-interfaces:interfaces': z.unknown() })

/** OpenConfig over RESTCONF (RFC 8040), as SONiC's mgmt-framework serves it. */
export class RestconfTransport implements Transport {
  readonly address: string
  readonly traits = traits
  readonly #http: HttpSwitchClient
  readonly #api: RestconfApi
  #unsaved = false

  constructor(endpoint: SwitchEndpoint, family: HttpFamily, timeouts?: Partial<SwitchTimeouts>) {
    this.address = endpoint.address
    this.#http = new HttpSwitchClient(httpTarget(endpoint, family), endpoint, timeouts)
    this.#api = new RestconfApi(this.#http)
  }

  /**
   * What was saved cannot be read. It is what runs, unless we have written since the switch last said that it had saved:
   * then nobody knows, and it equals nothing that is wanted.
   */
  async read(from: 'running' | 'startup'): Promise<Snapshot> {
    const snapshot = await this.#snapshot()
    return from === 'startup' && this.#unsaved ? forgotten(snapshot) : snapshot
  }

  async macTable(): Promise<unknown> {
    const answer = await this.#api.get(MAC_TABLE)
    if (answer === null) return undefined
    return macTop.safeParse(answer).data?.['openconfig-network-instance:mac-table'] ?? {}
  }

  async lldpInterfaces(): Promise<unknown> {
    const answer = await this.#api.get(LLDP)
    if (answer === null) return undefined
    return lldpTop.safeParse(answer).data?.['openconfig-lldp:interfaces'] ?? {}
  }

  write(lease: SwitchLease, edits: Edits): Promise<void> {
    const { address } = this
    this.#unsaved = true
    return writeEdits(
      { address, api: this.#api, lease, dialect: traits.dialect, read: () => this.#snapshot() },
      edits,
    )
  }

  async save(lease: SwitchLease): Promise<void> {
    await lease.check()
    await saveRunning(this.address, this.#api, lease.signal)
    this.#unsaved = false
  }

  close(): void {
    this.#http.close()
  }

  async #snapshot(): Promise<Snapshot> {
    const answer = top.safeParse(await this.#api.get('openconfig-interfaces:interfaces'))
    if (!answer.success) throw notUnderstood(this.address, 'it has no openconfig-interfaces')
    try {
      const snapshot = parseInterfaces(answer.data['openconfig-interfaces:interfaces'])
      return { ...snapshot, vlans: vlansAmong(snapshot.ports.keys()) }
    } catch (error) {
      throw notUnderstood(this.address, error instanceof Error ? error.message : String(error))
    }
  }
}

function forgotten(snapshot: Snapshot): Snapshot {
  const vlans = { mode: null, accessVlan: null, nativeVlan: null, trunkVlans: null }
  return {
    ...snapshot,
    ports: new Map([...snapshot.ports].map(([port, config]) => [port, { ...config, vlans }])),
  }
}

/** VLANs are interfaces, too. */
function vlansAmong(names: Iterable<string>): { vlan: number; description: null }[] {
  return [...names].flatMap((name) => {
    const vlan = /^Vlan(\d{1,4})$/.exec(name)?.[1]
    return vlan === undefined ? [] : [{ vlan: Number(vlan), description: null }]
  })
}

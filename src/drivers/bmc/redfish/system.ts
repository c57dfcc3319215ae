import { FerruleError } from '../../../domain/errors.ts'
import type { RedfishClient } from './client.ts'
import { readMembers } from './collection.ts'
import { malformed, unsupported } from './errors.ts'
import { idOf } from './uri.ts'
import { traitsOf, type VendorTraits } from './vendors.ts'
import { rootSchema, systemSchema, type WireRoot, type WireSystem } from './wire.ts'

export interface SystemReading {
  path: string
  system: WireSystem
  traits: VendorTraits
}

/** Which of a BMC's systems is meant. */
export interface WantedSystem {
  /** Its Id; undefined: the only one. */
  id: string | undefined
  /** For messages. */
  host: string | undefined
}

/** The computer system of one host, found once from the service root. */
export class RedfishSystem {
  readonly client: RedfishClient
  readonly #wanted: WantedSystem
  #root: WireRoot | undefined
  #path: string | undefined
  /** Where the boot override was last written with success. */
  bootPlace: 'settings' | 'system' | undefined

  constructor(client: RedfishClient, wanted: WantedSystem) {
    this.client = client
    this.#wanted = wanted
  }

  async root(): Promise<WireRoot> {
    const what = 'show its service root'
    this.#root ??= (await this.client.read(rootSchema, '/redfish/v1/', what)).value
    return this.#root
  }

  /** The system as it is now. */
  async read(what: string): Promise<SystemReading> {
    const root = await this.root()
    const known = this.#path
    if (known !== undefined) {
      const answer = await this.client.request({ method: 'GET', path: known, what })
      if (answer.status !== 404) {
        return this.#reading(
          root,
          known,
          this.client.accepted({ method: 'GET', path: known, what }, answer).json,
        )
      }
      // A firmware update may have renamed it.
      this.#path = undefined
    }
    const path = await this.#locate(root)
    const { answer } = await this.client.read(systemSchema, path, what)
    this.#path = path
    return this.#reading(root, path, answer.json)
  }

  #reading(root: WireRoot, path: string, json: unknown): SystemReading {
    const system = this.client.parse(systemSchema, json, 'show the system')
    const maker = [root.Vendor, root.Product, ...Object.keys(root.Oem), system.Manufacturer]
    return { path, system, traits: traitsOf(maker.filter((word) => word !== null)) }
  }

  async #locate(root: WireRoot): Promise<string> {
    const { address } = this.client
    if (root.Systems === undefined) {
      throw unsupported(address, 'computer systems', 'Give the address of a BMC, not of a chassis manager.')
    }
    const what = 'list its systems'
    const members = await readMembers(this.client, this.client.path(root.Systems, what), what)
    const paths = members.map((one) => one.path)
    const ids = paths.map(idOf)
    const { id } = this.#wanted
    const [only] = paths
    if (id !== undefined) {
      const found = paths[ids.indexOf(id)]
      if (found !== undefined) return found
      throw this.#ambiguous(`has no system "${id}", but ${listed(ids)}`, ids)
    }
    if (paths.length === 1 && only !== undefined) return only
    if (only === undefined) throw malformed(address, what, 'an empty list')
    throw this.#ambiguous(
      `has ${ids.length} systems, ${listed(ids)}, and it was not said which is meant`,
      ids,
    )
  }

  #ambiguous(seen: string, ids: readonly string[]): FerruleError {
    return new FerruleError(
      'invalid-input',
      `BMC ${this.client.address} ${seen}.`,
      `Say which: ferrule host set-bmc ${this.#wanted.host ?? 'HOST'} --bmc-system ID (at "host add": --bmc-system ID).`,
      { field: 'bmc.system', address: this.client.address, systems: ids.slice(0, 20) },
    )
  }
}

function listed(ids: readonly string[]): string {
  const shown = ids.slice(0, 8).map((id) => `"${id}"`)
  return shown.join(', ') + (ids.length > shown.length ? ` and ${ids.length - shown.length} more` : '')
}

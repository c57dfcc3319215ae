import { z } from 'zod'
import { FerruleError } from '../domain/errors.ts'
import { freeDynamicAddresses } from './dynamic-addresses.ts'
import type { Ask } from './exchange.ts'
import type { Http } from './http.ts'
import { json } from './http.ts'
import type { Maas, MaasEndpoint, MaasImage } from './types.ts'
import { decode, imageSchema, subnetSchema, userSchema, versionSchema } from './wire.ts'

type Site = Pick<Maas, 'endpoints' | 'images' | 'subnets' | 'dynamicAddressesFree' | 'getConfig'>

/** A person waits for the answer. */
const ENDPOINT_MS = 5_000

/** What MAAS has for all machines together. */
export function site(http: Http): Site {
  return {
    endpoints: () => Promise.all(http.endpoints.map((url) => endpoint(http, url))),

    async images() {
      const ask: Ask = {
        what: 'list images',
        method: 'GET',
        path: 'boot-resources/',
        query: [['type', 'all']],
      }
      const found = decode(z.array(imageSchema), ask, await http.read(ask)).map(toImage)
      // One entry per kernel of the same image.
      return [...new Map(found.map((image) => [`${image.name} ${image.architecture}`, image])).values()]
    },

    async subnets() {
      const ask: Ask = { what: 'list subnets', method: 'GET', path: 'subnets/' }
      return decode(z.array(subnetSchema), ask, await http.read(ask)).map(({ vlan, ...subnet }) => ({
        ...subnet,
        vlanId: vlan.id,
        vid: vlan.vid,
        fabric: vlan.fabric,
        dhcpOn: vlan.dhcp_on,
      }))
    },

    dynamicAddressesFree: (subnetId) => freeDynamicAddresses(http, subnetId),

    async getConfig(name) {
      const ask: Ask = {
        what: `show setting ${name}`,
        method: 'GET',
        path: 'maas/',
        op: 'get_config',
        query: [['name', name]],
      }
      return json(ask, await http.read(ask))
    },
  }
}

async function endpoint(http: Http, url: string): Promise<MaasEndpoint> {
  const begun = performance.now()
  const seen: MaasEndpoint = { url, version: null, account: null, ms: 0, fault: null }
  try {
    const ask: Ask = { what: 'tell its version', method: 'GET', path: 'version/' }
    seen.version = decode(versionSchema, ask, await http.readAt(url, ask, ENDPOINT_MS)).version
    seen.ms = Math.round(performance.now() - begun)
    const who: Ask = { what: 'tell whose key this is', method: 'GET', path: 'users/', op: 'whoami' }
    const user = decode(userSchema, who, await http.readAt(url, who, ENDPOINT_MS))
    seen.account = { username: user.username, isSuperuser: user.is_superuser }
  } catch (error) {
    if (!(error instanceof FerruleError)) throw error
    seen.fault = { message: error.message, remedy: error.remedy }
  }
  return seen
}

function toImage(wire: z.infer<typeof imageSchema>): MaasImage {
  const uploaded = wire.type === 'Uploaded'
  return {
    // MAAS lists an uploaded image by its bare name, and names it custom/… where it lists what can be deployed.
    name: uploaded && !wire.name.includes('/') ? `custom/${wire.name}` : wire.name,
    architecture: wire.architecture.split('/')[0] ?? wire.architecture,
    kind: uploaded ? 'uploaded' : 'synced',
  }
}

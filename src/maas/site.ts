import { z } from 'zod'
import { freeDynamicAddresses } from './dynamic-addresses.ts'
import type { Ask } from './exchange.ts'
import type { Http } from './http.ts'
import { json } from './http.ts'
import type { Maas, MaasImage } from './types.ts'
import { decode, imageSchema, subnetSchema, userSchema, versionSchema } from './wire.ts'

type Site = Pick<Maas, 'version' | 'whoami' | 'images' | 'subnets' | 'dynamicAddressesFree' | 'getConfig'>

/** What MAAS has for all machines together. */
export function site(http: Http): Site {
  return {
    async version() {
      const ask: Ask = { what: 'tell its version', method: 'GET', path: 'version/' }
      return decode(versionSchema, ask, await http.read(ask))
    },

    async whoami() {
      const ask: Ask = { what: 'tell whose key this is', method: 'GET', path: 'users/', op: 'whoami' }
      const user = decode(userSchema, ask, await http.read(ask))
      return { username: user.username, isSuperuser: user.is_superuser }
    },

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

function toImage(wire: z.infer<typeof imageSchema>): MaasImage {
  const uploaded = wire.type === 'Uploaded'
  return {
    // MAAS lists an uploaded image by its bare name, and names it custom/… where it lists what can be deployed.
    name: uploaded && !wire.name.includes('/') ? `custom/${wire.name}` : wire.name,
    architecture: wire.architecture.split('/')[0] ?? wire.architecture,
    kind: uploaded ? 'uploaded' : 'synced',
  }
}

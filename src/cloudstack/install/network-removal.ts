import { z } from 'zod'
import { done, extensionAnswer, named } from '../client/wire.ts'
import { findNetworkExtension, findNetworkOfferings, networkName, offeringName } from './network.ts'
import type { Remnant, Site } from './piece.ts'
import { byName } from './piece.ts'

/** In the order in which they go. */
export function networkRemnants(site: Site): Remnant[] {
  return [offeringRemnant(site), registrationRemnant(site), extensionRemnant(site)]
}

/** Names of the networks that were made of our offering. */
async function networksOf({ client }: Site, offeringId: string): Promise<string[]> {
  const network = named.extend({ networkofferingid: z.string().optional() })
  const all = await client.list('listNetworks', 'network', { listall: true }, network)
  return all.filter(({ networkofferingid }) => networkofferingid === offeringId).map(({ name }) => name)
}

function offeringRemnant(site: Site): Remnant {
  const name = offeringName(site.options.name)
  return {
    what: `network offering ${name}`,
    async look() {
      const found = byName(await findNetworkOfferings(site), name)
      if (found === undefined) return null
      const networks = await networksOf(site, found.id)
      if (networks.length > 0) return { kept: `networks are made of it: ${networks.join(', ')}` }
      return {
        remove: async () => void (await site.client.ask('deleteNetworkOffering', { id: found.id }, done)),
      }
    },
  }
}

/** Other offerings that name our provider, and our own as long as a network needs it. */
export async function offeringsInUse(site: Site): Promise<string[]> {
  const { name } = site.options
  const naming = (await findNetworkOfferings(site)).filter(({ service }) =>
    service?.some((one) => one.provider?.some((by) => by.name === networkName(name))),
  )
  const used = await Promise.all(
    naming.map(async (one) => one.name !== offeringName(name) || (await networksOf(site, one.id)).length > 0),
  )
  return naming.filter((_, at) => used[at]).map((one) => one.name)
}

function registrationRemnant(site: Site): Remnant {
  return {
    what: `registration of extension ${networkName(site.options.name)}`,
    async look() {
      const found = await findNetworkExtension(site)
      const registered = found?.resources ?? []
      if (found === undefined || registered.length === 0) return null
      const offerings = await offeringsInUse(site)
      if (offerings.length > 0)
        return { kept: `network offerings name its provider: ${offerings.join(', ')}` }
      return {
        async remove() {
          for (const { id } of registered)
            await site.client.ask(
              'unregisterExtension',
              { extensionid: found.id, resourceid: id, resourcetype: 'PhysicalNetwork' },
              extensionAnswer,
            )
        },
      }
    },
  }
}

function extensionRemnant(site: Site): Remnant {
  return {
    what: `extension ${networkName(site.options.name)}`,
    async look() {
      const found = await findNetworkExtension(site)
      if (found === undefined) return null
      if ((await offeringsInUse(site)).length > 0) return { kept: 'it is registered' }
      return { remove: async () => void (await site.client.ask('deleteExtension', { id: found.id }, done)) }
    },
  }
}

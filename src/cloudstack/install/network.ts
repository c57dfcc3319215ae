import { z } from 'zod'
import type { WireExtension } from '../client/wire.ts'
import { anything, extension, extensionAnswer, named } from '../client/wire.ts'
import { checkPath, readiness, relativePath } from './extension.ts'
import type { Finding, Piece, Site } from './piece.ts'
import { byName } from './piece.ts'
import { theOne } from './zone.ts'

/** CloudStack tells extensions apart by name, so the second one has its own; its provider is called the same. */
export function networkName(name: string): string {
  return `${name}-network`
}

export function offeringName(name: string): string {
  return `${name} L2 with user data`
}

/**
 * UserData alone, so that DHCP and DNS stay with whoever has them; and no address of the network is taken for a metadata
 * server, because there is none.
 */
export const details = {
  'network.services': 'UserData',
  'network.service.capabilities': '{"UserData":{"Supported":"true"}}',
  'network.allocate.extension.ip': 'false',
} as const

const provider = named.extend({ state: z.string().optional() })
const networkOffering = named.extend({
  state: z.string().optional(),
  service: z
    .array(z.object({ name: z.string(), provider: z.array(z.object({ name: z.string() })).optional() }))
    .optional(),
})

/** Of CloudStack 4.23 and newer; an older one refuses the type of the extension. */
export function networkPieces(site: Site): Piece[] {
  return site.options.networkOrchestrator === undefined
    ? []
    : [extensionPiece(site), registrationPiece(site), providerPiece(site), offeringPiece(site)]
}

export async function findNetworkExtension({ client, options }: Site): Promise<WireExtension | undefined> {
  const name = networkName(options.name)
  return byName(await client.list('listExtensions', 'extension', { name, details: 'all' }, extension), name)
}

function extensionPiece(site: Site): Piece {
  const { client, options } = site
  const name = networkName(options.name)
  const path = relativePath(name)
  return {
    what: `extension ${name}`,
    async look(): Promise<Finding> {
      const found = await findNetworkExtension(site)
      if (found === undefined)
        return {
          as: 'missing',
          async make() {
            const description =
              'User data and SSH keys for bare metal on networks without a virtual router: Ferrule'
            const wanted = {
              ...{ name, path, description, details },
              type: 'NetworkOrchestrator',
              state: 'Enabled',
            }
            site.networkExtensionId = (
              await client.ask('createExtension', wanted, extensionAnswer)
            ).extension.id
          },
        }
      site.networkExtensionId = found.id
      checkPath(found, path)
      const differences = [
        ...Object.entries(details).flatMap(([key, value]) =>
          found.details?.[key] === value ? [] : [`its detail ${key} must be ${value}`],
        ),
        ...(found.state === 'Disabled' ? ['it is disabled'] : []),
      ]
      if (differences.length === 0) return { as: 'right', ...readiness(found) }
      return {
        as: 'different',
        differences,
        async mend() {
          await client.ask('updateExtension', { id: found.id, details, state: 'Enabled' }, extensionAnswer)
        },
      }
    },
  }
}

function registrationPiece(site: Site): Piece {
  const { client, options } = site
  return {
    what: `registration of extension ${networkName(options.name)} with the physical network`,
    async look(): Promise<Finding> {
      const networks = await client.list(
        'listPhysicalNetworks',
        'physicalnetwork',
        { zoneid: site.zoneId },
        named,
      )
      const id = theOne('physical-network', networks, options.networkOrchestrator?.physicalNetwork ?? null)
      site.physicalNetworkId = id
      const found = await findNetworkExtension(site)
      if (found?.resources?.some((one) => one.id === id)) return { as: 'right' }
      return {
        as: 'missing',
        async make() {
          await client.ask(
            'registerExtension',
            { extensionid: site.networkExtensionId, resourceid: id, resourcetype: 'PhysicalNetwork' },
            extensionAnswer,
          )
        },
      }
    },
  }
}

/** Registering makes it, enabled; somebody may have disabled it since. */
function providerPiece(site: Site): Piece {
  const { client, options } = site
  const name = networkName(options.name)
  const find = async () =>
    byName(
      await client.list(
        'listNetworkServiceProviders',
        'networkserviceprovider',
        { name, physicalnetworkid: site.physicalNetworkId },
        provider,
      ),
      name,
    )
  const enable = async (id: string | undefined) =>
    void (await client.run('updateNetworkServiceProvider', { id, state: 'Enabled' }, anything))
  return {
    what: `network service provider ${name}`,
    async look(): Promise<Finding> {
      const found = await find()
      // the registration has just made it, unless nothing was to be touched
      if (found === undefined) return { as: 'missing', make: async () => enable((await find())?.id) }
      return found.state === 'Enabled'
        ? { as: 'right' }
        : { as: 'different', differences: ['it is disabled'], mend: () => enable(found.id) }
    },
  }
}

export async function findNetworkOfferings({ client }: Site) {
  return client.list('listNetworkOfferings', 'networkoffering', {}, networkOffering)
}

/** What a network is made of whose servers get user data and keys without a virtual router. */
function offeringPiece(site: Site): Piece {
  const { client, options } = site
  const name = offeringName(options.name)
  const enable = async (id: string) =>
    void (await client.ask('updateNetworkOffering', { id, state: 'Enabled' }, anything))
  return {
    what: `network offering ${name}`,
    async look(): Promise<Finding> {
      const found = byName(await findNetworkOfferings(site), name)
      if (found === undefined)
        return {
          as: 'missing',
          async make() {
            const { networkoffering } = await client.ask(
              'createNetworkOffering',
              {
                name,
                displaytext: 'Layer 2 for bare metal; user data and SSH keys by Ferrule',
                guestiptype: 'L2',
                traffictype: 'GUEST',
                supportedservices: 'UserData',
                serviceproviderlist: [{ service: 'UserData', provider: networkName(options.name) }],
              },
              z.object({ networkoffering: named }),
            )
            await enable(networkoffering.id)
          },
        }
      return found.state === 'Disabled'
        ? { as: 'different', differences: ['it is disabled'], mend: () => enable(found.id) }
        : { as: 'right' }
    },
  }
}

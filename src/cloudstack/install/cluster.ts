import { FerruleError } from '../../domain/errors.ts'
import { anything, cluster, clusterAnswer, done, extensionAnswer, host } from '../client/wire.ts'
import { findExtension } from './extension.ts'
import type { Finding, Piece, Remnant, Site } from './piece.ts'
import { byName, NOT_YET } from './piece.ts'

async function findCluster({ client, options }: Site) {
  return byName(await client.list('listClusters', 'cluster', { name: options.name }, cluster), options.name)
}

/** A cluster of the hypervisor External, which holds nothing but the host of {@link hostPiece}. */
export function clusterPiece(site: Site): Piece {
  const { client, options } = site
  return {
    what: `cluster ${options.name}`,
    async look(): Promise<Finding> {
      const found = await findCluster(site)
      if (found === undefined)
        return {
          as: 'missing',
          async make() {
            const made = await client.ask(
              'addCluster',
              {
                zoneid: site.zoneId,
                podid: site.podId,
                clustername: options.name,
                clustertype: 'CloudManaged',
                hypervisor: 'External',
              },
              clusterAnswer,
            )
            site.clusterId = made.cluster[0]?.id ?? NOT_YET
          },
        }
      if (found.hypervisortype !== undefined && found.hypervisortype !== 'External')
        throw new FerruleError(
          'conflict',
          `the cluster ${options.name} is there already, of the hypervisor ${found.hypervisortype}`,
          'Choose another name with --name.',
          { cluster: options.name },
        )
      site.clusterId = found.id
      return { as: 'right' }
    },
  }
}

export function clusterRemnant(site: Site): Remnant {
  const { client, options } = site
  return {
    what: `cluster ${options.name}`,
    async look() {
      const found = await findCluster(site)
      if (found === undefined) return null
      const others = (await hostsOf(site, found.id)).filter(({ name }) => name !== options.name)
      if (others.length > 0) return { kept: `hosts are in it: ${others.map(({ name }) => name).join(', ')}` }
      return { remove: async () => void (await client.ask('deleteCluster', { id: found.id }, done)) }
    },
  }
}

export function registrationPiece(site: Site): Piece {
  const { client, options } = site
  return {
    what: `registration of extension ${options.name} with cluster ${options.name}`,
    async look(): Promise<Finding> {
      const found = await findExtension(site)
      if (found?.resources?.some(({ id }) => id === site.clusterId)) return { as: 'right' }
      return {
        as: 'missing',
        async make() {
          await client.ask(
            'registerExtension',
            { extensionid: site.extensionId, resourceid: site.clusterId, resourcetype: 'Cluster' },
            extensionAnswer,
          )
        },
      }
    },
  }
}

export function registrationRemnant(site: Site): Remnant {
  const { client, options } = site
  return {
    what: `registration of extension ${options.name}`,
    async look() {
      const found = await findExtension(site)
      const registered = found?.resources ?? []
      if (found === undefined || registered.length === 0) return null
      return {
        async remove() {
          for (const { id } of registered)
            await client.ask(
              'unregisterExtension',
              { extensionid: found.id, resourceid: id, resourcetype: 'Cluster' },
              extensionAnswer,
            )
        },
      }
    },
  }
}

async function hostsOf({ client }: Site, clusterId: string) {
  return client.list('listHosts', 'host', { clusterid: clusterId, details: 'all' }, host)
}

async function findHost(site: Site) {
  const found = await findCluster(site)
  return found === undefined ? undefined : byName(await hostsOf(site, found.id), site.options.name)
}

/**
 * The one host that stands for all racks: Ferrule chooses the machine. Its detail `pool` makes CloudStack's question for
 * the power of all VMs one call.
 */
export function hostPiece(site: Site): Piece {
  const { client, options } = site
  return {
    what: `host ${options.name}`,
    async look(): Promise<Finding> {
      const found = await findHost(site)
      if (found === undefined)
        return {
          as: 'missing',
          async make() {
            await client.ask(
              'addHost',
              {
                zoneid: site.zoneId,
                podid: site.podId,
                clusterid: site.clusterId,
                hypervisor: 'External',
                url: `http://${options.name}`,
                externaldetails: { pool: options.name },
              },
              anything,
            )
          },
        }
      if (found.details !== undefined && found.details['External:pool'] === undefined)
        return {
          as: 'right',
          note: 'it has no detail External:pool, so CloudStack asks for the power of each VM by itself',
        }
      return { as: 'right' }
    },
  }
}

export function hostRemnant(site: Site): Remnant {
  const { client, options } = site
  return {
    what: `host ${options.name}`,
    async look() {
      const found = await findHost(site)
      if (found === undefined) return null
      return {
        async remove() {
          // CloudStack lets a host go only from maintenance, unless it is forced, which would stop what is on it
          if (found.resourcestate !== 'Maintenance')
            await client.run('prepareHostForMaintenance', { id: found.id }, anything)
          await client.ask('deleteHost', { id: found.id }, done)
        },
      }
    },
  }
}

import { failed, invalid } from '../api/api-error.ts'
import type { Command } from '../api/command.ts'
import { chosen, LIST_PARAMS, listed } from '../api/command.ts'
import type { Cloud } from '../cloud.ts'
import { findFor } from '../find.ts'
import { ZONE_IP6_DNS } from '../orchestrator/payload.ts'
import type { Cluster } from '../state.ts'

export const zoneCommands: Command[] = [
  {
    name: 'listZones',
    description: 'Lists zones',
    params: { ...LIST_PARAMS, available: 'boolean' },
    run: ({ state }, params) => {
      const more = {
        networktype: 'Advanced',
        securitygroupsenabled: false,
        allocationstate: 'Enabled',
        dhcpprovider: 'VirtualRouter',
        localstorageenabled: true,
        type: 'Core',
        dns1: '127.0.0.53',
        ip6dns1: ZONE_IP6_DNS,
        internaldns1: '127.0.0.53',
        tags: [],
      }
      const zones = chosen([state.zone], params).map((zone) => ({ ...zone, ...more }))
      return listed('zone', zones, params)
    },
  },
  {
    name: 'listPods',
    description: 'Lists all Pods.',
    params: { ...LIST_PARAMS, zoneid: 'uuid' },
    run: ({ state }, params) => {
      const more = { ...inZone(state), allocationstate: 'Enabled' }
      const pods = chosen([state.pod], params).map((pod) => ({ ...pod, ...more }))
      return listed('pod', pods, params)
    },
  },
  {
    name: 'listPhysicalNetworks',
    description: 'Lists physical networks',
    params: { ...LIST_PARAMS, zoneid: 'uuid' },
    run: ({ state }, params) => {
      const networks = chosen([state.physicalNetwork], params).map(({ id, name, vlans }) => ({
        id,
        name,
        zoneid: state.zone.id,
        state: 'Enabled',
        vlan: `${vlans.from}-${vlans.to}`,
        broadcastdomainrange: 'ZONE',
        isolationmethods: 'VLAN',
      }))
      return listed('physicalnetwork', networks, params)
    },
  },
  {
    name: 'listClusters',
    description: 'Lists clusters.',
    params: { ...LIST_PARAMS, zoneid: 'uuid', podid: 'uuid', hypervisor: 'string' },
    run: (cloud, params) => {
      const clusters = chosen(cloud.state.clusters, params)
      return listed(
        'cluster',
        clusters.map((one) => clusterView(cloud, one)),
        params,
      )
    },
  },
  {
    name: 'addCluster',
    description: 'Adds a new cluster',
    params: {
      zoneid: 'uuid!',
      podid: 'uuid!',
      clustername: 'string!',
      clustertype: 'string!',
      hypervisor: 'string!',
      extensionid: 'uuid',
      externaldetails: 'map',
    },
    run(cloud, params) {
      const { state } = cloud
      const name = params.must('clustername')
      const hypervisor = params.must('hypervisor')
      findFor([state.zone], 'addCluster', 'zoneid', params.must('zoneid'))
      findFor([state.pod], 'addCluster', 'podid', params.must('podid'))
      if (!['External', 'BareMetal'].includes(hypervisor))
        throw invalid(`hypervisor ${hypervisor} is not there in the lab: External or BareMetal`)
      if (state.clusters.some((one) => one.name === name))
        throw invalid(`There is already a cluster named ${name} in the pod`)
      const extensionId = params.text('extensionid') ?? null
      if (extensionId !== null) findFor(state.extensions, 'addCluster', 'extensionid', extensionId)
      const extensionDetails = params.map('externaldetails')
      const cluster = { id: cloud.newId(), name, hypervisor, extensionId, extensionDetails }
      state.clusters.push(cluster)
      cloud.touch()
      return { count: 1, cluster: [clusterView(cloud, cluster)] }
    },
  },
  {
    name: 'deleteCluster',
    description: 'Deletes a cluster.',
    params: { id: 'uuid!' },
    run(cloud, params) {
      const { state } = cloud
      const cluster = findFor(state.clusters, 'deleteCluster', 'id', params.must('id'))
      if (state.hosts.some(({ clusterId }) => clusterId === cluster.id))
        throw failed(`Cluster: ${cluster.name} cannot be removed. Cluster still has hosts`)
      state.clusters = state.clusters.filter(({ id }) => id !== cluster.id)
      cloud.touch()
      return { success: true }
    },
  },
]

export function inZone({ zone }: Cloud['state']): { zoneid: string; zonename: string } {
  return { zoneid: zone.id, zonename: zone.name }
}

export function inDomain({ domain, account }: Cloud['state']): Record<string, string> {
  return { account: account.name, domainid: domain.id, domain: domain.name }
}

function clusterView({ state }: Cloud, { id, name, hypervisor, extensionId, extensionDetails }: Cluster) {
  const extension = state.extensions.find((one) => one.id === extensionId)
  return {
    id,
    name,
    ...inZone(state),
    podid: state.pod.id,
    podname: state.pod.name,
    hypervisortype: hypervisor,
    clustertype: 'CloudManaged',
    allocationstate: 'Enabled',
    managedstate: 'Managed',
    ...(extension === undefined
      ? {}
      : { extensionid: extension.id, extensionname: extension.name, externaldetails: extensionDetails }),
  }
}

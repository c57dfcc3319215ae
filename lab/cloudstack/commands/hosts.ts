import { ApiError, failed, IN_USE, invalid } from '../api/api-error.ts'
import type { Command } from '../api/command.ts'
import { chosen, LIST_PARAMS, listed } from '../api/command.ts'
import type { Params } from '../api/params.ts'
import type { Cloud } from '../cloud.ts'
import { clusterOf, findFor } from '../find.ts'
import type { Host } from '../state.ts'
import { inZone } from './zones.ts'

const HOST_PARAMS = {
  zoneid: 'uuid!',
  podid: 'uuid!',
  clusterid: 'uuid',
  clustername: 'string',
  hypervisor: 'string!',
  url: 'string!',
  username: 'string',
  password: 'string',
  hosttags: 'list',
} as const

export const hostCommands: Command[] = [
  {
    name: 'addHost',
    description: 'Adds a new host.',
    params: { ...HOST_PARAMS, externaldetails: 'map' },
    run: (cloud, params) => addHost(cloud, 'addHost', params, null),
  },
  {
    name: 'addBaremetalHost',
    description: 'add a baremetal host',
    params: {
      ...HOST_PARAMS,
      cpunumber: 'integer',
      cpuspeed: 'integer',
      memory: 'integer',
      hostmac: 'string',
      ipaddress: 'string',
    },
    run: (cloud, params) =>
      addHost(cloud, 'addBaremetalHost', params, {
        cpuNumber: params.number('cpunumber') ?? 0,
        cpuSpeed: params.number('cpuspeed') ?? 0,
        memoryMib: params.number('memory') ?? 0,
        mac: params.text('hostmac') ?? '',
      }),
  },
  {
    name: 'deleteHost',
    description: 'Deletes a host.',
    params: { id: 'uuid!', forced: 'boolean' },
    run(cloud, params) {
      const { state } = cloud
      const host = findFor(state.hosts, 'deleteHost', 'id', params.must('id'))
      const vm = state.vms.find(({ hostId }) => hostId === host.id)
      if (vm !== undefined && !params.flag('forced'))
        throw new ApiError(IN_USE, `Unable to delete the host: ${vm.instanceName} is on it`, 4250)
      if (host.maintenance !== true && !params.flag('forced'))
        throw failed(
          `Host ${host.id} cannot be deleted as it is not in maintenance mode. Either put the host into maintenance or perform a forced deletion.`,
        )
      state.hosts = state.hosts.filter(({ id }) => id !== host.id)
      cloud.touch()
      return { success: true }
    },
  },
  {
    name: 'prepareHostForMaintenance',
    description: 'Prepares a host for maintenance.',
    params: { id: 'uuid!' },
    begin(cloud, params) {
      const host = findFor(cloud.state.hosts, 'prepareHostForMaintenance', 'id', params.must('id'))
      return {
        id: host.id,
        type: 'Host',
        async work() {
          const vm = cloud.state.vms.find(({ hostId }) => hostId === host.id)
          if (vm !== undefined)
            throw failed(`the lab stops no VM for maintenance: ${vm.instanceName} is on it`)
          host.maintenance = true
          cloud.touch()
          return { host: hostView(cloud, host) }
        },
      }
    },
  },
  {
    name: 'listHosts',
    description: 'Lists hosts.',
    params: {
      ...LIST_PARAMS,
      zoneid: 'uuid',
      podid: 'uuid',
      clusterid: 'uuid',
      type: 'string',
      state: 'string',
      hypervisor: 'string',
      details: 'list',
    },
    run(cloud, params) {
      const clusterId = params.text('clusterid')
      const type = params.text('type')
      const hypervisor = params.text('hypervisor')
      const hosts = chosen(cloud.state.hosts, params).filter(
        (host) =>
          (clusterId === undefined || host.clusterId === clusterId) &&
          (type === undefined || type === 'Routing') &&
          (hypervisor === undefined || clusterOf(cloud, host).hypervisor === hypervisor),
      )
      return listed(
        'host',
        hosts.map((one) => hostView(cloud, one)),
        params,
      )
    },
  },
]

/** The extension is not asked about hosts: they are a record here, without capacity of their own. */
function addHost(cloud: Cloud, command: string, params: Params, baremetal: Host['baremetal']): unknown {
  const { state } = cloud
  const url = params.must('url')
  const clusterId = params.text('clusterid')
  const cluster =
    clusterId === undefined
      ? state.clusters.find(({ name }) => name === params.text('clustername'))
      : findFor(state.clusters, command, 'clusterid', clusterId)
  if (cluster === undefined)
    throw invalid('Can not add a host without a cluster: give clusterid or clustername')
  if (cluster.hypervisor !== params.must('hypervisor'))
    throw invalid(`Hypervisor type of the cluster ${cluster.name} is ${cluster.hypervisor}`)
  const name = url.replace(/^\w+:\/\//, '').replace(/[/:].*$/, '')
  if (state.hosts.some((one) => one.url === url))
    throw invalid(`Can't add host: there is one at ${url} already`)
  const host: Host = {
    id: cloud.newId(),
    name,
    clusterId: cluster.id,
    url,
    tags: params.list('hosttags'),
    externalDetails: params.map('externaldetails'),
    baremetal,
    created: cloud.now(),
  }
  state.hosts.push(host)
  cloud.touch()
  return { count: 1, host: [hostView(cloud, host)] }
}

function hostView(cloud: Cloud, host: Host): Record<string, unknown> {
  const { state } = cloud
  const cluster = clusterOf(cloud, host)
  const extension = state.extensions.find(({ id }) => id === cluster.extensionId)
  return {
    id: host.id,
    name: host.name,
    state: 'Up',
    type: 'Routing',
    ipaddress: host.name,
    ...inZone(state),
    podid: state.pod.id,
    podname: state.pod.name,
    clusterid: cluster.id,
    clustername: cluster.name,
    clustertype: 'CloudManaged',
    hypervisor: cluster.hypervisor,
    version: '4.22.0.0',
    resourcestate: host.maintenance === true ? 'Maintenance' : 'Enabled',
    cpunumber: host.baremetal?.cpuNumber ?? 0,
    cpuspeed: host.baremetal?.cpuSpeed ?? 0,
    memorytotal: (host.baremetal?.memoryMib ?? 0) * 2 ** 20,
    hosttags: host.tags.join(','),
    details: detailsOf(host),
    created: host.created,
    ...(extension === undefined ? {} : { extensionid: extension.id, extensionname: extension.name }),
  }
}

/** CloudStack shows nobody the user and password of a host (CVE-2015-3251). */
function detailsOf({ baremetal, externalDetails }: Host): Record<string, string> {
  if (baremetal === null)
    return Object.fromEntries(
      Object.entries(externalDetails).map(([key, value]) => [`External:${key}`, value]),
    )
  const { cpuNumber, cpuSpeed, memoryMib, mac } = baremetal
  return {
    ...{ cpunumber: String(cpuNumber), cpuspeed: String(cpuSpeed), memory: String(memoryMib) },
    hostmac: mac,
  }
}

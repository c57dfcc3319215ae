import { failed } from '../api/api-error.ts'
import type { Command } from '../api/command.ts'
import { chosen, LIST_PARAMS, listed } from '../api/command.ts'
import { findFor } from '../find.ts'
import { shutDown } from '../orchestrator/guest-networks.ts'
import { shutdownByExtension } from '../orchestrator/network-extension.ts'
import { networkView, offeringView } from './network-view.ts'
import { newNetwork } from './new-network.ts'

export const networkCommands: Command[] = [
  {
    name: 'listNetworkOfferings',
    description: 'Lists all available network offerings.',
    params: {
      ...LIST_PARAMS,
      guestiptype: 'string',
      state: 'string',
      zoneid: 'uuid',
      traffictype: 'string',
      forvpc: 'boolean',
    },
    run({ state }, params) {
      const kind = params.text('guestiptype')?.toLowerCase()
      const offerings = chosen(state.networkOfferings, params)
        .filter(({ guestType }) => kind === undefined || guestType.toLowerCase() === kind)
        .filter(({ forVpc = false }) => !params.has('forvpc') || forVpc === params.flag('forvpc'))
        .map(offeringView)
      return listed('networkoffering', offerings, params)
    },
  },
  {
    name: 'createNetwork',
    description: 'Creates a network',
    params: {
      name: 'string!',
      displaytext: 'string',
      zoneid: 'uuid!',
      networkofferingid: 'uuid!',
      gateway: 'string',
      netmask: 'string',
      ip6gateway: 'string',
      ip6cidr: 'string',
      startip: 'string',
      endip: 'string',
      vlan: 'string',
      physicalnetworkid: 'uuid',
      networkdomain: 'string',
      vpcid: 'uuid',
    },
    run(cloud, params) {
      const network = newNetwork(cloud, params)
      cloud.state.networks.push(network)
      cloud.event('NETWORK.CREATE', 'Completed', {
        resourceType: 'Network',
        id: network.id,
        description: `Successfully completed creating network. Network Id: ${network.id}`,
      })
      cloud.touch()
      return { network: networkView(cloud, network) }
    },
  },
  {
    name: 'listNetworks',
    description: 'Lists all available networks.',
    params: {
      ...LIST_PARAMS,
      zoneid: 'uuid',
      type: 'string',
      networkofferingid: 'uuid',
      vpcid: 'uuid',
      forvpc: 'boolean',
    },
    run(cloud, params) {
      const type = params.text('type')?.toLowerCase()
      const vpc = params.text('vpcid')
      const networks = chosen(cloud.state.networks, params).filter(
        ({ guestType, vpcId }) =>
          (type === undefined || type === 'all' || guestType.toLowerCase() === type) &&
          (vpc === undefined || vpcId === vpc) &&
          (!params.has('forvpc') || (vpcId !== undefined) === params.flag('forvpc')),
      )
      return listed(
        'network',
        networks.map((one) => networkView(cloud, one)),
        params,
      )
    },
  },
  {
    name: 'updateNetwork',
    description: 'Updates a network',
    params: { id: 'uuid!', name: 'string', displaytext: 'string' },
    begin(cloud, params) {
      const network = findFor(cloud.state.networks, 'updateNetwork', 'id', params.must('id'))
      return {
        id: network.id,
        type: 'Network',
        async work() {
          network.name = params.text('name') ?? network.name
          network.displayText = params.text('displaytext') ?? network.displayText
          cloud.touch()
          return { network: networkView(cloud, network) }
        },
      }
    },
  },
  {
    name: 'deleteNetwork',
    description: 'Deletes a network',
    params: { id: 'uuid!', forced: 'boolean' },
    begin(cloud, params) {
      const network = findFor(cloud.state.networks, 'deleteNetwork', 'id', params.must('id'))
      return {
        id: network.id,
        type: 'Network',
        async work() {
          const vm = cloud.state.vms.find(({ nics }) => nics.some((nic) => nic.networkId === network.id))
          if (vm !== undefined)
            throw failed(`Failed to delete network ${network.name}: ${vm.name} has a NIC in it`)
          await shutdownByExtension(cloud, network, true)
          shutDown(cloud, network)
          cloud.state.networks = cloud.state.networks.filter(({ id }) => id !== network.id)
          cloud.touch()
          return { success: true }
        },
      }
    },
  },
]

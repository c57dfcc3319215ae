import { invalid } from '../api/api-error.ts'
import type { Command } from '../api/command.ts'
import { chosen, LIST_PARAMS, listed } from '../api/command.ts'
import type { Params } from '../api/params.ts'
import type { Cloud } from '../cloud.ts'
import { find, findFor } from '../find.ts'
import type { CloudState, Extension, NetworkOffering, NetworkProvider } from '../state.ts'

/** Of CloudStack 4.23: extensions as providers of network services, and offerings that name them. */
export const networkProviderCommands: Command[] = [
  {
    name: 'listNetworkServiceProviders',
    description: 'Lists network serviceproviders for a given physical network.',
    params: { ...LIST_PARAMS, physicalnetworkid: 'uuid', state: 'string' },
    run({ state }, params) {
      const found = chosen(state.networkProviders ?? [], params)
      return listed(
        'networkserviceprovider',
        found.map((one) => providerView(state, one)),
        params,
      )
    },
  },
  {
    name: 'updateNetworkServiceProvider',
    description: 'Updates a network serviceProvider of a physical network',
    params: { id: 'uuid!', state: 'string', servicelist: 'list' },
    begin(cloud, params) {
      const { state } = cloud
      const found = findFor(
        state.networkProviders ?? [],
        'updateNetworkServiceProvider',
        'id',
        params.must('id'),
      )
      return {
        id: found.id,
        type: 'None',
        async work() {
          found.enabled = params.text('state')?.toLowerCase() === 'enabled'
          cloud.touch()
          return { networkserviceprovider: providerView(state, found) }
        },
      }
    },
  },
  {
    name: 'createNetworkOffering',
    description: 'Creates a network offering.',
    params: {
      name: 'string!',
      displaytext: 'string',
      guestiptype: 'string!',
      traffictype: 'string!',
      supportedservices: 'list',
      serviceproviderlist: 'map',
      specifyvlan: 'boolean',
      forvpc: 'boolean',
      internetprotocol: 'string',
    },
    run(cloud, params) {
      const { state } = cloud
      const name = params.must('name')
      if (state.networkOfferings.some((one) => one.name === name))
        throw invalid(`A network offering with name ${name} already exists`)
      const guestiptype = params.must('guestiptype')
      const kind = guestiptype === 'L2' ? ofLayer2(state, params) : ofIsolated(guestiptype, params)
      const offering: NetworkOffering = { id: cloud.newId(), name, ...kind, enabled: false }
      state.networkOfferings.push(offering)
      cloud.touch()
      return { networkoffering: { id: offering.id, name, state: 'Disabled', guestiptype } }
    },
  },
  {
    name: 'updateNetworkOffering',
    description: 'Updates a network offering.',
    params: { id: 'uuid!', state: 'string' },
    run(cloud, params) {
      const found = findFor(cloud.state.networkOfferings, 'updateNetworkOffering', 'id', params.must('id'))
      found.enabled = params.text('state')?.toLowerCase() === 'enabled'
      cloud.touch()
      return { networkoffering: { id: found.id, name: found.name } }
    },
  },
  {
    name: 'deleteNetworkOffering',
    description: 'Deletes a network offering.',
    params: { id: 'uuid!' },
    run(cloud, params) {
      const { state } = cloud
      const found = findFor(state.networkOfferings, 'deleteNetworkOffering', 'id', params.must('id'))
      if (state.networks.some(({ offeringId }) => offeringId === found.id))
        throw invalid(`Can't delete network offering ${found.id} as its used by networks`)
      state.networkOfferings = state.networkOfferings.filter((one) => one !== found)
      cloud.touch()
      return { success: true }
    },
  },
]

type Kind = Omit<NetworkOffering, 'id' | 'name' | 'enabled'>

function ofLayer2(state: CloudState, params: Params): Kind {
  const services = params.list('supportedservices')
  const providers = providersIn(state, services, params.entries('serviceproviderlist'))
  return { guestType: 'L2', specifyVlan: params.flag('specifyvlan'), providers }
}

/** Served by the virtual router, and with IPv6 if it is asked for. */
function ofIsolated(guestType: string, params: Params): Kind {
  if (guestType !== 'Isolated')
    throw invalid('the lab makes offerings of the guest types L2 and Isolated only')
  const forVpc = params.flag('forvpc')
  const router = forVpc ? 'VpcVirtualRouter' : 'VirtualRouter'
  const stranger = params.entries('serviceproviderlist').find(({ provider }) => provider !== router)
  if (stranger !== undefined)
    throw invalid(`Service provider ${stranger.provider} is not there for it in the lab`)
  const dualStack = params.text('internetprotocol')?.toLowerCase() === 'dualstack'
  return {
    ...{ guestType: 'Isolated', specifyVlan: false },
    ...(forVpc ? { forVpc } : {}),
    ...(dualStack ? { dualStack } : {}),
  }
}

/** Every service needs a provider that has it. */
function providersIn(
  state: CloudState,
  services: readonly string[],
  entries: readonly Record<string, string>[],
): Record<string, string> {
  return Object.fromEntries(
    services.map((service) => {
      const name = entries.find((one) => one.service === service)?.provider
      const provider = state.networkProviders?.find((one) => one.name === name)
      if (provider === undefined) throw invalid(`Service provider ${name} is not there for ${service}`)
      if (!servicesOf(find(state.extensions, provider.extensionId)).includes(service))
        throw invalid(`Provider ${name} doesn't support service ${service}`)
      return [service, provider.name]
    }),
  )
}

/** Registering makes a provider of the extension's name, and it is enabled from the start. */
export function registerWithPhysicalNetwork(
  cloud: Cloud,
  extension: Extension,
  details: Record<string, string>,
): void {
  const { state } = cloud
  const providers = state.networkProviders ?? []
  if (providers.some(({ extensionId }) => extensionId === extension.id))
    throw invalid(`Extension ${extension.name} is registered with this physical network already`)
  state.networkProviders = [
    ...providers,
    { id: cloud.newId(), name: extension.name, extensionId: extension.id, enabled: true, details },
  ]
  cloud.touch()
}

export function unregisterFromPhysicalNetwork(cloud: Cloud, extension: Extension): void {
  const { state } = cloud
  const offering = state.networkOfferings.find(({ providers = {} }) =>
    Object.values(providers).includes(extension.name),
  )
  if (offering !== undefined)
    throw invalid(`Provider ${extension.name} is used by the network offering ${offering.name}`)
  state.networkProviders = (state.networkProviders ?? []).filter(
    ({ extensionId }) => extensionId !== extension.id,
  )
  cloud.touch()
}

function servicesOf({ details }: Extension): string[] {
  return (details['network.services'] ?? '').split(',').filter((service) => service !== '')
}

function providerView(state: CloudState, { id, name, enabled, extensionId }: NetworkProvider) {
  return {
    id,
    name,
    physicalnetworkid: state.physicalNetwork.id,
    state: enabled ? 'Enabled' : 'Disabled',
    servicelist: servicesOf(find(state.extensions, extensionId)),
    canenableindividualservice: true,
  }
}
